import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../../src/api/job.ts';
import { isEnded } from '../../../src/api/values.ts';
import type { ApiClient } from '../../../src/client/apiClient.ts';
import { newTag, tagged } from '../../torture/census.ts';

interface Entry {
  tag: string;
  code: number;
}

/** What jobs do, told by themselves: by files that they write, and by the process table. */
export class SideChannel {
  readonly #folder: string;
  readonly #jobs = new Map<string, Entry>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The command of a job that ends with `code` once `release` is called. */
  command(code: number): { argv: string[]; tag: string; code: number } {
    const tag = newTag();
    const script = 'echo began; until [ -e go.$0 ]; do sleep 0.1; done; echo $1 >end.$0; exit $1';
    return { argv: ['sh', '-c', `cd "${this.#folder}"; ${script}`, tag, String(code)], tag, code };
  }

  add({ id }: Job, entry: Entry): void {
    this.#jobs.set(id, entry);
  }

  isAlive(id: string): boolean {
    return tagged(this.#of(id).tag).length > 0;
  }

  /** The path of the file whose existence lets the job end. */
  release(id: string): string {
    return join(this.#folder, `go.${this.#of(id).tag}`);
  }

  /** The code with which it was about to end. Undefined: it has not come so far. */
  saidEnd(id: string): number | undefined {
    try {
      return Number(readFileSync(join(this.#folder, `end.${this.#of(id).tag}`), 'utf8'));
    } catch {
      return undefined;
    }
  }

  /** Compares once what the product says with what the jobs say. @returns the jobs, in the order in which they were added */
  async compare(client: ApiClient): Promise<Job[]> {
    const jobs = await Promise.all([...this.#jobs.keys()].map((id) => client.getJob(id)));
    for (const job of jobs) {
      const { status, reason, exitCode, id } = job;
      // What had ended when the product said so is dead now, too.
      const mayLive = !isEnded(status) || reason === 'node_lost';
      assert.ok(mayLive || !this.isAlive(id), `${id} is ${status}, but it is alive`);
      if (status === 'completed' || (status === 'failed' && exitCode !== null)) {
        assert.equal(exitCode, this.saidEnd(id), `${id} is ${status}`);
      }
      // It has ended by itself, and has said so. Nothing more is told of what goes on on a lost node.
      if (isEnded(status) && reason !== 'node_lost' && this.saidEnd(id) !== undefined) {
        assert.equal(exitCode, this.#of(id).code, `${id}: ${status}`);
      }
    }
    return jobs;
  }

  #of(id: string): Entry {
    return this.#jobs.get(id) ?? assert.fail(`${id} is not ours`);
  }
}
