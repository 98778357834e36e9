import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { environmentOf } from '../launch/command.ts';
import type { RunPlan } from '../launch/runner.ts';
import { logPaths } from '../../store/runTable.ts';
import { isTaskId, prefixOfTasks } from '../../store/newJobId.ts';
import type { RunDirectory, Ticket } from './runDirectory.ts';
import { sbatchOptions, slurmName } from './sbatchArguments.ts';
import { namedArguments, parseNamed } from './squeue.ts';
import { callSlurm, complaint, ControllerSilent, toolEnvironment, type Cluster } from './tools.ts';

/** A run that is to be submitted. */
export interface Submitted {
  readonly plan: RunPlan;
  readonly directory: RunDirectory;
  /** It is to be ended before it was submitted. */
  readonly isGivenUp: boolean;
  /** It is about to be submitted so. */
  named(ticket: Ticket): void;
  /** @param key `4711`, or `4711_7` for a task */
  accepted(key: string): void;
  /** @param why what sbatch says, which will not change */
  refused(why: string): void;
  /** The controller does not answer; it is tried again. */
  silent(): void;
}

/** How long tasks of an array wait for those that are about to be started (milliseconds): the queue may be paused meanwhile. */
const togetherMs = 2000;
/** Slurm's own default for the tasks of one submission (MaxArraySize - 1). */
const mostTogether = 1000;
/** Between two attempts while the controller is away (milliseconds). */
const againMs = 10_000;

/** What a user may set for all jobs, and what a job does not name itself. */
const defaults = /^SBATCH_(ACCOUNT|PARTITION|QOS|TIMELIMIT|CONSTRAINT|RESERVATION|GPUS|MEM_PER_CPU)$/;

/** Hands runs over to Slurm: each by itself, the tasks of an array that come together as one array. */
export class Submitter {
  readonly #script: () => string;
  readonly #log: (message: string) => void;
  /** By what the tasks of an array have in common. */
  readonly #gathering = new Map<string, { runs: Submitted[]; timer: NodeJS.Timeout }>();
  readonly #again = new Set<NodeJS.Timeout>();
  #isClosed = false;

  /** @param script the path of the batch script, which is there */
  constructor(script: () => string, log: (message: string) => void) {
    this.#script = script;
    this.#log = log;
  }

  add(run: Submitted): void {
    this.#prepare(run);
    const { jobId } = run.plan;
    if (!isTaskId(jobId)) return this.#begin([run]);
    const prefix = prefixOfTasks(jobId);
    const gathered = this.#gathering.get(prefix);
    clearTimeout(gathered?.timer);
    const runs = gathered?.runs ?? [];
    runs.push(run);
    const submit = (): void => {
      this.#gathering.delete(prefix);
      this.#begin(runs);
    };
    if (!run.plan.moreTasks || runs.length === mostTogether) return submit();
    this.#gathering.set(prefix, { runs, timer: setTimeout(submit, togetherMs) });
  }

  dispose(): void {
    this.#isClosed = true;
    for (const { timer } of this.#gathering.values()) clearTimeout(timer);
    for (const timer of this.#again) clearTimeout(timer);
  }

  #prepare({ plan, directory }: Submitted): void {
    const { spec, baseEnv } = plan;
    const env = environmentOf(baseEnv, spec, plan, process.platform);
    const shell = spec.shell ?? (env['SHELL'] || '/bin/sh');
    const argv = spec.argv ?? [shell, '-c', spec.command ?? ''];
    directory.prepare(spec, argv, ownVariables(env), this.#script());
  }

  #begin(runs: readonly Submitted[], attempt = 1): void {
    this.#submit(runs, attempt).catch((error: unknown) => {
      const missing = (error as { cause?: NodeJS.ErrnoException }).cause?.code === 'ENOENT';
      const why = missing
        ? 'The program sbatch of Slurm was not found. Install the client of Slurm, or add it to PATH'
        : String(error);
      for (const run of runs) run.refused(why);
    });
  }

  async #submit(all: readonly Submitted[], attempt: number): Promise<void> {
    // Of an array that was perhaps taken, all: the tasks have their numbers.
    const runs = attempt > 1 ? all : all.filter(({ isGivenUp }) => !isGivenUp);
    const [first] = runs;
    if (!first || this.#isClosed) return;
    const { plan, directory } = first;
    const { spec } = plan;
    const env = environmentOf(plan.baseEnv, spec, plan, process.platform);
    const cluster = clusterOf(env);
    const isArray = isTaskId(plan.jobId);
    const name = slurmName(spec, directory.runId);
    const found = attempt > 1 ? await submittedAs(cluster, name) : 'none';
    if (found === 'silent') return this.#tryAgain(all, attempt);
    for (const [index, run] of runs.entries())
      run.named({ ...cluster, name, index: isArray ? index : null, key: null, submitted: null });
    const folder = join(directory.path, `tasks${attempt}`);
    if (isArray) linkTasks(folder, runs);
    const array = isArray ? { count: runs.length, maxRunning: plan.maxRunning ?? null, folder } : undefined;
    if (found !== 'none') return accept(runs, found);
    const key = await directory
      .withEnvironment(jobEnvironment(env), async (environment) => {
        const options = sbatchOptions(spec, { name, directory: plan.directory, environment, array });
        const script = [this.#script(), ...(isArray ? ['task', join(folder, 'list')] : ['run', plan.directory])];
        const answer = await callSlurm(cluster, 'sbatch', [...options, ...script], {
          env: submitEnvironment(cluster, env),
        });
        const [, id] = /^(\d+)/m.exec(answer.stdout) ?? [];
        if (answer.code !== 0 || id === undefined) throw new Refused(complaint(answer));
        return id;
      })
      .catch((error: unknown) => {
        if (error instanceof Refused) return error;
        if (!(error instanceof ControllerSilent)) throw error;
        this.#log(`Slurm did not answer: ${error.message}`);
        return null;
      });
    if (key instanceof Refused) return runs.forEach((run) => run.refused(key.message));
    // It may have taken it all the same.
    if (key === null) return this.#tryAgain(runs, attempt);
    accept(runs, key);
  }

  #tryAgain(runs: readonly Submitted[], attempt: number): void {
    for (const run of runs) run.silent();
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#again.delete(timer);
      this.#begin(runs, attempt + 1);
    }, againMs);
    this.#again.add(timer);
  }
}

class Refused extends Error {}

function accept(runs: readonly Submitted[], id: string): void {
  runs.forEach((run, index) => run.accepted(isTaskId(run.plan.jobId) ? `${id}_${index}` : id));
}

/** @returns the id of the job with this name; `silent` when nobody knows whether there is one */
export async function submittedAs(cluster: Cluster, name: string): Promise<string> {
  const answer = await callSlurm(cluster, 'squeue', namedArguments(userInfo().username, [name])).catch(() => null);
  if (answer?.code !== 0) return 'silent';
  const [key] = parseNamed(answer.stdout).keys();
  return key?.split('_')[0] ?? 'none';
}

function clusterOf(env: NodeJS.ProcessEnv): Cluster {
  return { conf: env['SLURM_CONF'] ?? null, path: env['PATH'] ?? '/usr/bin:/bin' };
}

/** What tells a run, and a task, from others of its array. */
const own = /^BGJOBS_(RUN_ID|JOB_ID|TASK|TASK_ITEM)$/;

function ownVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value = '']) => (own.test(name) ? [[name, value]] : [])),
  );
}

/** Without what only one run has, and without what another job of Slurm has left there. */
function jobEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(SLURM(D)?_(?!CONF$)|SBATCH_|SRUN_)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name) && !foreign.test(name)));
}

function submitEnvironment(cluster: Cluster, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => defaults.test(name));
  return { ...toolEnvironment(cluster), ...Object.fromEntries(kept) };
}

/** The folder from which the tasks read which run they are, and where Slurm finds their logs by their numbers. */
function linkTasks(folder: string, runs: readonly Submitted[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'list'), runs.map(({ plan }) => `${plan.directory}\n`).join(''));
  for (const [index, { plan }] of runs.entries()) {
    const { stdout, stderr } = logPaths(plan.directory, plan.spec.capture);
    link(stdout, join(folder, `${index}.out`));
    if (stderr !== null) link(stderr, join(folder, `${index}.err`));
  }
}

function link(target: string, path: string): void {
  try {
    symlinkSync(target, path);
  } catch (error) {
    // From an attempt that was not answered.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
