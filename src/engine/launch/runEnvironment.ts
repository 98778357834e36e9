import type { JobSpec } from '../../store/jobSpec.ts';

/** What belongs to the editor, to the host or to another run, and must not reach a job. */
const foreign = /^(ELECTRON_RUN_AS_NODE|VSCODE_.*|BGJOBS_(RUN_ID|JOB_ID|HOLDER))$/;

/**
 * The environment of a run: the base without what is the editor's, the host's or another run's own, the job's additions
 * and removals, and the marks by which its tree is found. Windows takes `Path` and `PATH` for the same.
 */
export function environmentOf(
  base: NodeJS.ProcessEnv,
  spec: JobSpec,
  run: { runId: string; jobId: string },
  platform: NodeJS.Platform,
): NodeJS.ProcessEnv {
  const key = (name: string): string => (platform === 'win32' ? name.toUpperCase() : name);
  const changed = new Set(Object.keys(spec.env).map(key));
  const kept = Object.entries(base).filter(([name]) => !foreign.test(key(name)) && !changed.has(key(name)));
  const added = Object.entries(spec.env).filter(([, value]) => value !== null) as [string, string][];
  const marks = { BGJOBS_RUN_ID: run.runId, BGJOBS_JOB_ID: run.jobId, BGJOBS_SESSION: spec.session };
  return { ...Object.fromEntries([...kept, ...added]), ...marks };
}

/** A variable's value, under whichever spelling the platform takes for the same. */
export function variable(env: NodeJS.ProcessEnv, name: string, platform: NodeJS.Platform): string | undefined {
  if (platform !== 'win32') return env[name];
  return Object.entries(env).find(([other]) => other.toUpperCase() === name.toUpperCase())?.[1];
}

interface Shared {
  env: NodeJS.ProcessEnv;
  text: string;
  jobs: number;
}

/**
 * The callers' environments of jobs that have not ended, for their next run: in memory alone, because they hold what
 * must not be stored. Most jobs come from few places, so those that are alike are held once.
 */
export class Environments {
  readonly #byJob = new Map<string, Shared>();
  readonly #byText = new Map<string, Shared>();

  keep(jobId: string, env: Record<string, string> | undefined): void {
    if (!env) return;
    const text = JSON.stringify(env);
    this.#give(jobId, this.#byText.get(text) ?? { env, text, jobs: 0 });
  }

  /** The second job gets that of the first. */
  share(jobId: string, otherId: string): void {
    const shared = this.#byJob.get(jobId);
    if (shared) this.#give(otherId, shared);
  }

  /** The caller's environment; after a restart of the host, the host's own. */
  of(jobId: string): NodeJS.ProcessEnv {
    return this.#byJob.get(jobId)?.env ?? process.env;
  }

  has(jobId: string): boolean {
    return this.#byJob.has(jobId);
  }

  forget(jobId: string): void {
    const shared = this.#byJob.get(jobId);
    if (!shared) return;
    this.#byJob.delete(jobId);
    shared.jobs--;
    if (shared.jobs === 0) this.#byText.delete(shared.text);
  }

  #give(jobId: string, shared: Shared): void {
    shared.jobs++;
    this.#byText.set(shared.text, shared);
    this.forget(jobId);
    this.#byJob.set(jobId, shared);
  }
}
