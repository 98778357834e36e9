import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { loadTerminals } from '../../src/engine/launch/terminal.ts';
import { bundledCli } from './bundle.ts';
import { until } from './until.ts';

/** A `bgjobs` in a terminal, as a person has it. */
export interface TerminalClient {
  /** All that the terminal was given. */
  screen(): string;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  sees(what: string): Promise<void>;
  readonly code: Promise<number | null>;
}

export async function inTerminal(home: string, args: readonly string[]): Promise<TerminalClient> {
  const terminals = loadTerminals();
  const { master, slave } = terminals.open(100, 30);
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    SHELL: '/bin/sh',
    BGJOBS_HOME: home,
    TERM: 'xterm',
  };
  const child = spawn(process.execPath, [await bundledCli(), ...args], {
    cwd: home,
    env,
    stdio: [slave, slave, slave],
  });
  closeSync(slave);
  let text = '';
  const stream = new ReadStream(master).setEncoding('utf8');
  stream.on('data', (part: string) => (text += part)).on('error', () => undefined);
  const code = once(child, 'close').then(([status]) => {
    stream.destroy();
    return status as number | null;
  });
  return {
    screen: () => text,
    type: (keys) => void stream.write(keys),
    resize(columns, rows) {
      terminals.resize(master, columns, rows);
      child.kill('SIGWINCH');
    },
    sees: (what) =>
      until(`the terminal shows ${what}: ${text}`, () => (text.includes(what) ? true : undefined)).then(
        () => undefined,
      ),
    code,
  };
}
