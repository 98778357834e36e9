/**
 * The room of Slurm: runs whose processes are on a cluster that sees the files of this machine. Loaded with the first of
 * them. What identifies a run, and how it ended, is in its folder; squeue says why, and what waits for what.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Attention } from '../launch/attention.ts';
import type { RunningProcess } from '../launch/runControl.ts';
import type { RemoteRunner, RunPlan } from '../launch/runner.ts';
import { batchScript } from './batchScript.ts';
import { Controls } from './slurmControls.ts';
import { Poller } from './poller.ts';
import { RunDirectory, type Ticket } from './runDirectory.ts';
import { SlurmRun } from './slurmRun.ts';
import { submittedAs, Submitter } from './submission.ts';
import { needsReason } from './verdict.ts';

const noTicket: Ticket = { name: '', conf: null, path: '', index: null, key: null, submitted: null };

/** Between two attempts to learn whether a run of an earlier host was submitted (milliseconds). */
const lookupMs = 10_000;

interface Options {
  home: string;
  attention: Attention;
  report: (error: unknown) => void;
  log: (message: string) => void;
}

export class SlurmRunner implements RemoteRunner {
  readonly #home: string;
  readonly #deps: { poller: Poller; controls: Controls; report: (error: unknown) => void };
  readonly #submitter: Submitter;
  readonly #closing = new AbortController();

  constructor({ home, attention, report, log }: Options) {
    this.#home = home;
    const script = (): string => this.#script();
    const poller = new Poller(() => attention.isPaid, report);
    attention.onLook = () => poller.poke();
    this.#deps = { poller, controls: new Controls(script), report };
    this.#submitter = new Submitter(script, log);
  }

  start(plan: RunPlan): RunningProcess {
    const directory = new RunDirectory(plan.directory);
    const run = Object.assign(new SlurmRun(this.#deps, plan, directory, noTicket), { plan });
    this.#submitter.add(run);
    run.begin();
    return run;
  }

  adopt(plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>): RunningProcess {
    const directory = new RunDirectory(plan.directory);
    const found = directory.ticket();
    const run = new SlurmRun(this.#deps, plan, directory, found ?? noTicket);
    if (!found) run.unbegun();
    else if (found.key === null) this.#findKey(run).catch(this.#deps.report);
    run.begin();
    return run;
  }

  hasEnded(directory: string): boolean {
    const record = new RunDirectory(directory).exit();
    return record !== undefined && !needsReason(record);
  }

  dispose(): void {
    this.#closing.abort();
    this.#submitter.dispose();
    this.#deps.poller.dispose();
  }

  /** The host ended between the submission and its answer: Slurm knows its name, or it was never submitted. */
  async #findKey(run: SlurmRun): Promise<void> {
    const { ticket } = run;
    for (; !this.#closing.signal.aborted; await pause(lookupMs, this.#closing.signal)) {
      const id = await submittedAs(ticket, ticket.name);
      if (id === 'none') return run.unbegun();
      if (id !== 'silent') return run.accepted(ticket.index === null ? id : `${id}_${ticket.index}`);
      run.silent();
    }
  }

  /** The batch script, in a place that the nodes see. */
  #script(): string {
    const folder = join(this.#home, 'slurm');
    const name = `supervisor-${createHash('sha256').update(batchScript).digest('hex').slice(0, 12)}.sh`;
    const path = join(folder, name);
    if (existsSync(path)) return path;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, batchScript, { mode: 0o700 });
    renameSync(`${path}.new`, path);
    return path;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
