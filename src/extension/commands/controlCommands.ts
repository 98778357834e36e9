import { isActive } from '../../api/values.ts';
import { t } from '../base/l10n.ts';
import { jobEnvironment } from '../base/jobStart.ts';
import { requireTrust } from '../base/trust.ts';
import type { Handler } from './app.ts';
import { targets } from './targets.ts';
import { together } from './forEachSelected.ts';

export const pause: Handler = async (app, args) => {
  const question = { flag: 'pause', title: t('Pause a Job'), none: t('No job runs.') } as const;
  const { service, jobs } = await targets(app, args, question);
  return together(jobs, (job) => service.pauseJob(job.id));
};

export const resume: Handler = async (app, args) => {
  const question = { flag: 'resume', title: t('Resume a Job'), none: t('No job is paused.') } as const;
  const { service, jobs } = await targets(app, args, question);
  return together(jobs, (job) => service.resumeJob(job.id));
};

export const restart: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const question = { flag: 'restart', title: t('Restart a Job'), none: t('No job to restart.') } as const;
  const { service, jobs } = await targets(app, args, question);
  return together(jobs, (job) => {
    if (isActive(job.status)) app.notifications.expect(job.id, job.run);
    return service.restartJob(job.id, { inheritEnv: jobEnvironment(process.env) });
  });
};

export const release: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const question = { flag: 'release', title: t('Release a Held Job'), none: t('No job is held.') } as const;
  const { service, jobs } = await targets(app, args, question);
  return together(jobs, (job) => service.releaseJob(job.id));
};
