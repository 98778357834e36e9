import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../../../scripts/editor/processes.ts';

/** A daemon of the cluster, which stays in the foreground. It can be ended and started again. */
export class Daemon {
  readonly name: string;
  readonly #command: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly #log: string;
  #child: ChildProcess | undefined;

  /** @param log the path of a file for what it prints */
  constructor(name: string, command: readonly string[], env: NodeJS.ProcessEnv, log: string) {
    this.name = name;
    this.#command = command;
    this.#env = env;
    this.#log = log;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    const child = this.#child;
    return child && child.exitCode === null && child.signalCode === null ? child.pid : undefined;
  }

  start(): void {
    if (this.pid !== undefined) throw new Error(`${this.name} runs already.`);
    const [program = '', ...args] = this.#command;
    const log = openSync(this.#log, 'a');
    this.#child = spawn(program, args, { env: this.#env, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    // It must not keep a test process alive that has failed before it could end this.
    this.#child.unref();
  }

  /** Resolves when it is dead. With SIGTERM it has five seconds. */
  async end(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { pid } = this;
    if (pid === undefined) return;
    const exited = once(this.#child!, 'exit');
    signal(pid, name);
    if (name === 'SIGTERM') await Promise.race([exited, sleep(5000)]);
    if (this.pid !== undefined) signal(pid, 'SIGKILL');
    if (this.pid !== undefined) await exited;
  }
}
