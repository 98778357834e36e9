import assert from 'node:assert/strict';
import type { Home, RunningCli } from './cli.ts';
import { until } from './until.ts';

export interface Served {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

/** Runs `bgjobs serve` until it is disposed. Disposing ends it and requires exit code 0. */
export class Serving implements AsyncDisposable {
  readonly running: RunningCli;
  readonly served: Served;

  private constructor(running: RunningCli, served: Served) {
    this.running = running;
    this.served = served;
  }

  static async start(home: Home, args: readonly string[] = []): Promise<Serving> {
    const running = await home.start(['serve', '--json', ...args]);
    const line = await until('it serves', () => {
      assert.equal(running.child.exitCode, null, running.stderr());
      return running.stdout().endsWith('\n') ? running.stdout() : undefined;
    });
    return new Serving(running, JSON.parse(line) as Served);
  }

  async ask(method: string, path: string, body?: object): Promise<{ status: number; value: Record<string, unknown> }> {
    const { url, token } = this.served;
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: answer.status, value: (await answer.json()) as Record<string, unknown> };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.running.child.kill('SIGTERM');
    const { code, stderr } = await this.running.ended;
    assert.deepEqual([code, stderr], [0, '']);
  }
}
