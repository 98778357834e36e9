import type { Job } from '../../api/job.ts';
import { jobEnvironment, type JobStart, type ServiceSource } from '../base/jobStart.ts';
import { shell } from '../base/settings.ts';

export interface StarterDeps {
  connection: ServiceSource;
  /** The session of the jobs that this window starts. */
  session: () => string;
}

/** Starts a job of this window. */
export async function startJob(
  { connection, session }: StarterDeps,
  { request, environment, secretEnv = {} }: JobStart,
): Promise<Job> {
  const service = await connection.need();
  const ownShell = request.command === undefined ? undefined : shell();
  const { job } = await service.startJob({
    session: session(),
    inheritEnv: { ...jobEnvironment(process.env, environment), ...secretEnv },
    ...(ownShell === undefined ? {} : { shell: ownShell }),
    // Both streams in the order in which they were written.
    capture: 'merged',
    ...request,
  });
  return job;
}
