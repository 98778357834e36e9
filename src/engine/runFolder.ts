import { join } from 'node:path';

/** `<home>/runs/<job id>`: everything of a job that is a file. */
export function jobFolder(home: string, jobId: string): string {
  return join(home, 'runs', jobId);
}

/** `<home>/runs/<job id>/<n>`: logs and exit record of one run. */
export function runFolder(home: string, jobId: string, run: number): string {
  return join(jobFolder(home, jobId), String(run));
}

export function runIdOf(jobId: string, run: number): string {
  return `${jobId}.${run}`;
}

export function logPaths(directory: string, capture: 'separate' | 'merged'): { stdout: string; stderr: string | null } {
  return capture === 'merged'
    ? { stdout: join(directory, 'output.log'), stderr: null }
    : { stdout: join(directory, 'stdout.log'), stderr: join(directory, 'stderr.log') };
}
