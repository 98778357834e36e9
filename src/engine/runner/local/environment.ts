import type { JobSpec } from '../../jobSpec.ts';

/** What belongs to the editor, to the host or to another run, and must not reach a job. */
const foreign = /^(ELECTRON_RUN_AS_NODE|VSCODE_.*|BGJOBS_(RUN_ID|JOB_ID|HOLDER))$/;

/** Without what is the editor's, the host's or another run's own. */
export function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

/** The environment of a run: the base, the job's additions and removals, and the marks by which its tree is found. */
export function environmentOf(
  base: NodeJS.ProcessEnv,
  spec: JobSpec,
  run: { runId: string; jobId: string },
): NodeJS.ProcessEnv {
  const env = cleanEnvironment(base);
  for (const [name, value] of Object.entries(spec.env)) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  return { ...env, BGJOBS_RUN_ID: run.runId, BGJOBS_JOB_ID: run.jobId, BGJOBS_SESSION: spec.session };
}
