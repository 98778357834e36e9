import type { Job } from '../../api/job.ts';
import type { StartRequest } from '../../api/start.ts';
import type { App } from '../commands/app.ts';
import { jobEnvironment } from '../base/session.ts';
import { shell } from '../base/settings.ts';

/** A start for which nothing is left to ask. */
export interface JobStart {
  request: Partial<StartRequest> & { cwd: string };
  /** Variables that only the process gets to know: they are not recorded. */
  secretEnv?: Record<string, string>;
}

/** Starts a job of this window. */
export async function startJob(
  app: Pick<App, 'connection' | 'session'>,
  { request, secretEnv = {} }: JobStart,
): Promise<Job> {
  const service = await app.connection.need();
  const ownShell = request.command === undefined ? undefined : shell();
  const { job } = await service.startJob({
    session: app.session(),
    inheritEnv: { ...jobEnvironment(process.env), ...secretEnv },
    ...(ownShell === undefined ? {} : { shell: ownShell }),
    ...request,
  });
  return job;
}
