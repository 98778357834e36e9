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
