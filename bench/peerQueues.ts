// The programs that queue commands or keep them running, used as people do: by their command lines.
import { execa } from 'execa';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from './bench.ts';
import type { Peers } from './peers.ts';
import { timed } from './statistics.ts';

/** The words of a program's command line. Its environment keeps it apart from one that this user has running. */
interface Manual {
  readonly env: Readonly<Record<string, string>>;
  /** Starts its process, if it has one that stays. */
  readonly start?: readonly string[];
  /** Sets how many jobs run at the same time; undefined: one by one, whatever is asked for. */
  readonly limit?: (count: number) => readonly string[];
  /** Starts or queues `sh -c true`. */
  readonly add: readonly string[];
  readonly wait?: readonly string[];
  /** Of a program that starts a dozen a second, so many tell enough. */
  readonly mostJobs?: number;
  readonly stop?: readonly string[];
}

function manuals({ tsp, nq, pueue, pm2 }: Peers, folder: string): Record<string, Manual | undefined> {
  const home = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, XDG_RUNTIME_DIR: folder };
  return {
    tsp:
      tsp === undefined
        ? undefined
        : {
            env: { TS_SOCKET: join(folder, 'tsp.sock'), TMPDIR: folder },
            start: [tsp],
            limit: (count) => [tsp, '-S', String(count)],
            add: [tsp, 'sh', '-c', 'true'],
            wait: [tsp, '-w'],
            stop: [tsp, '-K'],
          },
    pueue:
      pueue === undefined
        ? undefined
        : {
            env: home,
            start: [`${pueue}d`, '--daemonize'],
            limit: (count) => [pueue, 'parallel', String(count)],
            add: [pueue, 'add', '--', 'true'],
            wait: [pueue, 'wait', '--quiet'],
            mostJobs: 40,
            stop: [pueue, 'shutdown'],
          },
    nq:
      nq === undefined
        ? undefined
        : {
            env: { NQDIR: join(folder, 'nq') },
            add: [nq, 'sh', '-c', 'true'],
            wait: [nq, '-w'],
          },
    pm2:
      pm2 === undefined
        ? undefined
        : {
            env: { PM2_HOME: join(folder, 'pm2') },
            start: [pm2, 'ping'],
            add: [pm2, 'start', '/bin/true', '--interpreter', 'none', '--no-autorestart', '--force'],
            stop: [pm2, 'kill'],
          },
  };
}

/** A program that was started in a folder of its own. */
export interface PeerQueue {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  readonly add: readonly string[];
  readonly isParallel: boolean;
  /** Queues jobs and waits for the last one. @returns jobs per second; NaN for a program that cannot wait */
  rate(most: number, concurrency: number): Promise<number>;
  /** The process that stays; undefined when there is none. */
  pid(): number | undefined;
}

/** Starts the programs that are there, and ends them afterwards. */
export async function withPeerQueues<T>(
  { peers }: Context,
  folder: string,
  use: (queues: readonly PeerQueue[]) => Promise<T>,
): Promise<T> {
  const started: [PeerQueue, Manual][] = [];
  try {
    for (const [name, manual] of Object.entries(manuals(await peers(), folder))) {
      if (!manual) continue;
      for (const part of ['pueue', 'nq', 'pm2']) mkdirSync(join(folder, part), { recursive: true });
      const queue = new CommandQueue(name, manual);
      started.push([queue, manual]);
      if (manual.start) await queue.run(manual.start);
      // A daemon may not listen yet when its starter ends.
      await delay(500);
    }
    return await use(started.map(([queue]) => queue));
  } finally {
    for (const [{ env }, { stop }] of started) {
      if (stop) await execa(stop[0]!, stop.slice(1), { env, stdio: 'ignore', reject: false });
    }
  }
}

class CommandQueue implements PeerQueue {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #manual: Manual;

  constructor(name: string, manual: Manual) {
    this.name = name;
    this.env = { ...process.env, ...manual.env };
    this.#manual = manual;
  }

  get add(): readonly string[] {
    return this.#manual.add;
  }

  get isParallel(): boolean {
    return this.#manual.limit !== undefined;
  }

  async run([program = '', ...args]: readonly string[]): Promise<void> {
    await execa(program, args, { env: this.env, stdio: 'ignore' });
  }

  async rate(most: number, concurrency: number): Promise<number> {
    const { limit, add, wait, mostJobs = most } = this.#manual;
    if (!wait) return NaN;
    const jobs = Math.min(most, mostJobs);
    if (limit) await this.run(limit(concurrency));
    const script = `for i in $(seq ${jobs}); do ${quoted(add)}; done; ${quoted(wait)}`;
    const ms = await timed(() => this.run(['sh', '-c', script]));
    return (jobs / ms) * 1000;
  }

  /** All processes of a program inherit its environment; the oldest one is the one that stays. */
  pid(): number | undefined {
    const own = Object.entries(this.#manual.env).map(([name, value]) => `${name}=${value}`);
    const pids = readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0);
    return pids
      .sort((a, b) => a - b)
      .find((pid) => {
        const variables = environmentOf(pid);
        return own.every((variable) => variables.includes(variable));
      });
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // It has ended, or is somebody else's.
  }
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}
