import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installFromDebian } from '../../scripts/editor/packages.ts';

/** The path of libfaketime. If it is not there, it is installed where that is possible. */
export async function provideFakeTime(): Promise<string | undefined> {
  return find() ?? ((await installFromDebian('libfaketime')) ? find() : undefined);
}

function find(): string | undefined {
  return globSync('/usr/lib{,64,/*}/faketime/libfaketimeMT.so.1')[0];
}

/** A wall clock for processes that are started with `env`; the clocks that nobody sets go on as they are. */
export class FakeTime {
  readonly #path: string;
  readonly env: Record<string, string>;

  constructor(library: string, folder: string) {
    this.#path = join(folder, 'clock');
    this.env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#path,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    this.set(0);
  }

  /** Sets the clock of all these processes. @param hours from the right time */
  set(hours: number): void {
    writeFileSync(this.#path, `${hours < 0 ? '' : '+'}${hours * 3600}`);
  }
}
