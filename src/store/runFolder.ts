import { join } from 'node:path';

/**
 * `<home>/runs/<job id>.<n>`: logs and exit record of one run. Without a folder for the job around it: making one costs
 * as much as a file, which is much on a file system where many were deleted a moment ago.
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
