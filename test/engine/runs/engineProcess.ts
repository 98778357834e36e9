import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { openEngine } from '../../../src/engine/engine.ts';
import type { JobService } from '../../../src/api/endpoints.ts';
import type { StoredSettings } from '../../../src/api/host.ts';
import { LocalRunner } from '../../../src/engine/launch/runner.ts';
import { spawnByNode } from '../../../src/engine/launch/spawnProcess.ts';
import { createProcessTable } from '../../../src/processes/platform.ts';

/** In the fastest way of this system, or in that of Node. */
type SpawnBy = 'system' | 'node';

type Method = 'startJob' | 'killJob' | 'pauseJob' | 'resumeJob' | 'listJobs' | 'getJob' | 'restartJob' | 'sendInput';

/** An engine in a process of its own, which can be killed at any moment. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (answer: unknown) => void>();
  readonly #exited: Promise<unknown>;
  #asked = 0;

  /** @param spawnBy how it starts runs */
  constructor(home: string, settings: StoredSettings, spawnBy: SpawnBy = 'system') {
    const flags = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', '--disable-warning=ExperimentalWarning'];
    const args = [...flags, import.meta.filename, home, JSON.stringify(settings), spawnBy];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#exited = once(this.#child, 'exit');
    this.#child.stdin!.on('error', () => undefined); // it is killed while we write
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const { id, answer } = JSON.parse(line) as { id: number; answer: unknown };
      this.#answers.get(id)?.(answer);
    });
  }

  /** Settles with the answer; never, when the process is killed before. */
  ask<M extends Method>(method: M, ...args: Parameters<JobService[M]>): ReturnType<JobService[M]> {
    const id = ++this.#asked;
    this.#child.stdin!.write(`${JSON.stringify({ id, method, args })}\n`);
    return new Promise<unknown>((resolve) => this.#answers.set(id, resolve)) as ReturnType<JobService[M]>;
  }

  /** With SIGKILL: it does nothing any more. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

/** The other side: this file, run as a program. */
async function serve(home: string, settings: string, spawn: string): Promise<void> {
  const table = createProcessTable();
  const engine = await openEngine({
    home,
    version: '0',
    settings: JSON.parse(settings) as StoredSettings,
    ...(spawn === 'node' && { machine: { table, runner: new LocalRunner(table, undefined, spawnByNode) } }),
    onIdleChanged: () => undefined,
    log: (message) => console.error(message),
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, args } = JSON.parse(line) as { id: number; method: Method; args: never[] };
    const call = engine[method].bind(engine) as (...args: never[]) => Promise<unknown>;
    void call(...args)
      .catch((error: unknown) => ({ error: String(error) }))
      .then((answer) => process.stdout.write(`${JSON.stringify({ id, answer })}\n`));
  }
}

if (process.argv[1] === import.meta.filename)
  await serve(process.argv[2] ?? '', process.argv[3] ?? '{}', process.argv[4] ?? '');
