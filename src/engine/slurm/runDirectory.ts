import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { JobSpec } from '../../store/jobTable.ts';
import { logPaths } from '../../store/runTable.ts';
import { markOf } from '../../processes/runMark.ts';
import { quoteArgument } from '../../text/quoting.ts';
import { parseExitRecord, type ExitStatus } from '../launch/supervisor.ts';
import type { Cluster } from './tools.ts';

/** What identifies a run in Slurm: the name is ours, and ids come back after a crash of the controller. */
export interface Ticket extends Cluster {
  name: string;
  /** The number of a task in its array. */
  index: number | null;
  /** `4711`, or `4711_7` for a task. Null: not (known to be) submitted. */
  key: string | null;
  /** The time of submission as squeue writes it. Null: not verified yet. */
  submitted: string | null;
}

/** What the supervisor wrote when it began. */
export interface Beginning {
  pid: number;
  node: string;
  nodes: number;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface ExitRecord extends ExitStatus {
  /** The supervisor got SIGTERM: from Slurm, or from us. */
  gotTerm: boolean;
  /** Nothing that had the mark of the run was left. */
  isClear: boolean;
}

/** The part of a run's folder that is for Slurm: written here and by the supervisor on the node. */
export class RunDirectory {
  readonly path: string;
  readonly runId: string;
  readonly mark: string;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, 'slurm');
    this.runId = basename(directory);
    this.mark = markOf(this.runId);
  }

  /** What the supervisor reads. @param own the variables that only this run has @param script what a node runs by itself */
  prepare(spec: JobSpec, argv: readonly string[], own: Readonly<Record<string, string>>, script: string): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    const { stdin, limits, graceMs } = spec;
    if (stdin.type === 'text') this.#put('stdin', stdin.text);
    const input = stdin.type === 'text' ? join(this.path, 'stdin') : stdin.type === 'file' ? stdin.path : '/dev/null';
    const graceS = Math.ceil(graceMs / 1000);
    const settings = { m: this.mark, r: this.runId, g: String(graceS), in: input, script };
    this.#put('settings', `${assignments(settings).join('\n')}\n`);
    const nice = limits.nice === undefined ? [] : ['nice', '-n', String(limits.nice)];
    const command = [
      'exec 2>&3 3>&-',
      `{ ulimit -S -w ${this.mark} || ulimit -S -x ${this.mark}; } 2>/dev/null`,
      `export ${assignments(own).join(' ')}`,
      `exec ${[...nice, ...argv].map(quoteArgument).join(' ')}`,
    ];
    this.#put('command', `${command.join('\n')}\n`);
    // Slurm makes no folders and appends to files, so they are there before, for nobody else to read.
    const { stdout, stderr } = logPaths(this.#directory, spec.capture);
    for (const path of [stdout, stderr ?? stdout]) writeFileSync(path, '', { flag: 'a', mode: 0o600 });
  }

  writeTicket(ticket: Ticket): void {
    this.#write('ticket', JSON.stringify(ticket));
  }

  ticket(): Ticket | undefined {
    try {
      return JSON.parse(readFileSync(join(this.path, 'ticket'), 'utf8')) as Ticket;
    } catch {
      return undefined;
    }
  }

  beginning(): Beginning | undefined {
    try {
      const path = join(this.path, 'began');
      const [id, pid, node, nodes] = readFileSync(path, 'utf8').trim().split(' ');
      if (id === undefined || node === undefined) return undefined;
      return { pid: Number(pid), node, nodes: Number(nodes), at: Math.round(statSync(path).mtimeMs) };
    } catch {
      return undefined;
    }
  }

  /** Whether it was given up before it began. */
  get isPrevented(): boolean {
    return existsSync(join(this.path, 'began')) && this.beginning() === undefined;
  }

  /** Keeps a run from beginning. @returns false if it has begun */
  prevent(): boolean {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    this.#write('prevented', 'prevented\n');
    try {
      linkSync(join(this.path, 'prevented'), join(this.path, 'began'));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return this.isPrevented;
    }
  }

  exit(): ExitRecord | undefined {
    try {
      // A shared file system may hide a new file until its folder is read again.
      readdirSync(this.path);
      const path = join(this.path, 'exit');
      const text = readFileSync(path, 'utf8');
      const status = parseExitRecord(text);
      if (!status) return undefined;
      const at = Math.round(statSync(path).mtimeMs);
      return { ...status, at, gotTerm: /^term$/m.test(text), isClear: /^clear$/m.test(text) };
    } catch {
      return undefined;
    }
  }

  /** From now on the supervisor ends all that is left when the command has ended. */
  askToStop(graceMs: number): void {
    this.#write('stop', `${Math.ceil(graceMs / 1000)}\n`);
  }

  /** The environment, separated by NUL: for the submission alone, as it may hold what must not be stored. */
  withEnvironment<T>(env: NodeJS.ProcessEnv, work: (path: string) => Promise<T>): Promise<T> {
    const text = Object.entries(env).map(([name, value]) => `${name}=${value ?? ''}\0`);
    const path = this.#write('environment', text.join(''));
    return work(path).finally(() => rmSync(path, { force: true }));
  }

  /** Before anybody reads it. */
  #put(name: string, text: string): void {
    writeFileSync(join(this.path, name), text, { mode: 0o600 });
  }

  /** Complete or not at all. */
  #write(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return path;
  }
}

function assignments(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `${name}=${quoteArgument(value)}`);
}
