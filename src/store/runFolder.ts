import { join } from 'node:path';

/**
 * `<data directory>/runs/<job id>.<n>`: logs and exit record of one run. There is no folder per job: creating a folder
 * costs as much as a file, which is a lot on a file system where many were just deleted.
 */
export function runFolder(home: string, jobId: string, run: number): string {
  return join(home, 'runs', runIdOf(jobId, run));
}

export function runIdOf(jobId: string, run: number): string {
  return `${jobId}.${run}`;
}

export function logPaths(directory: string, capture: 'separate' | 'merged'): { stdout: string; stderr: string | null } {
  return capture === 'merged'
    ? { stdout: join(directory, 'output.log'), stderr: null }
    : { stdout: join(directory, 'stdout.log'), stderr: join(directory, 'stderr.log') };
}
