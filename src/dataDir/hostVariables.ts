/**
 * What must not reach a job host, and through it the jobs: what makes Electron run as Node, the editor's own variables,
 * options for this Node process (a debugger's, for example), and the mark of a job that happens to start the host:
 * with it the host would count as a process of that job and die with it.
 */
const foreign = /^(ELECTRON_|VSCODE_|NODE_OPTIONS$|BGJOBS_(RUN_ID|JOB_ID|HOLDER)$)/;

/**
 * An option of glibc's malloc, mallopt(3), for the host alone: without it megabytes that were needed once, to read the
 * program, are kept for the next time. Other systems do not know it.
 */
export const allocatorVariable = 'MALLOC_TRIM_THRESHOLD_';

/** The environment for a job host that this process starts. */
export function environmentForHost(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name.toUpperCase())));
}
