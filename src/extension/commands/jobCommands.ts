import { isActive } from '../../api/values.ts';
import { t } from '../base/l10n.ts';
import { jobEnvironment } from '../base/jobStart.ts';
import { requireTrust } from '../base/trust.ts';
import { type Handler, targets, onEach, forEachSelected } from './app.ts';
import * as vscode from 'vscode';
import { commandText, jobTitle } from '../../text/grammar.ts';
import { type Dependency } from '../../api/options.ts';
import { pickDependencies } from '../view/jobPick.ts';

export const pause: Handler = async (app, args) => {
  const question = { flag: 'pause', title: t('Pause Job'), none: t('No running jobs.') } as const;
  return forEachSelected(app, args, question, (job, service) => service.pauseJob(job.id));
};

export const resume: Handler = async (app, args) => {
  const question = { flag: 'resume', title: t('Resume Job'), none: t('No paused jobs.') } as const;
  return forEachSelected(app, args, question, (job, service) => service.resumeJob(job.id));
};

export const restart: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const question = { flag: 'restart', title: t('Restart Job'), none: t('No jobs to restart.') } as const;
  return forEachSelected(app, args, question, (job, service) => {
    if (isActive(job.status)) app.notifications.expect(job.id, job.run);
    return service.restartJob(job.id, { inheritEnv: jobEnvironment(process.env) });
  });
};

export const release: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const question = { flag: 'release', title: t('Release Job'), none: t('No held jobs.') } as const;
  return forEachSelected(app, args, question, (job, service) => service.releaseJob(job.id));
};

const noJob = (): string => t('No such job.');

export const copyId: Handler = async (app, args) => {
  const { jobs } = await targets(app, args, { flag: 'job', title: t('Copy ID'), none: noJob() });
  if (jobs.length > 0) await vscode.env.clipboard.writeText(jobs.map(({ id }) => id).join('\n'));
};

export const copyCommand: Handler = async (app, args) => {
  const { jobs } = await targets(app, args, { flag: 'job', title: t('Copy Command'), none: noJob() });
  if (jobs.length > 0) await vscode.env.clipboard.writeText(jobs.map(commandText).join('\n'));
};

export const pin: Handler = (app, args) =>
  forEachSelected(app, args, { flag: 'pin', title: t('Pin Job'), none: noJob() }, (job, service) =>
    service.updateJob(job.id, { pinned: true }),
  );

export const unpin: Handler = (app, args) =>
  forEachSelected(app, args, { flag: 'unpin', title: t('Unpin Job'), none: noJob() }, (job, service) =>
    service.updateJob(job.id, { pinned: false }),
  );

export const mute: Handler = async (app, args) => {
  const { jobs } = await targets(app, args, { flag: 'mute', title: t('Mute Notifications'), none: noJob() });
  for (const job of jobs) await app.muted.set(job.id, true);
};

export const unmute: Handler = async (app, args) => {
  const { jobs } = await targets(app, args, { flag: 'unmute', title: t('Unmute Notifications'), none: noJob() });
  for (const job of jobs) await app.muted.set(job.id, false);
};

export const remove: Handler = async (app, args) => {
  const question = { flag: 'remove', title: t('Remove Job'), none: t('No finished or held jobs.') } as const;
  const { service, jobs, byId } = await targets(app, args, question);
  const [only] = jobs;
  if (!only) return [];
  if (!byId) {
    const text =
      jobs.length === 1
        ? t('Remove "{0}" and its logs?', jobTitle(only))
        : t('Remove {0} jobs and their logs?', jobs.length);
    const yes = t('Remove');
    if ((await vscode.window.showWarningMessage(text, { modal: true }, yes)) !== yes) return [];
  }
  return onEach(jobs, (job) => service.removeJob(job.id));
};

/** Selects the schedule that created a job. */
export const showSchedule: Handler = async (app, args) => {
  const none = t('No jobs were created by a schedule.');
  const { jobs } = await targets(app, args, { flag: 'schedule', title: t('Show Schedule'), none });
  const id = jobs[0]?.schedule ?? undefined;
  if (id === undefined) return undefined;
  if (!app.model.job(id)) {
    void vscode.window.showInformationMessage(t('The schedule of this job was removed or has ended.'));
    return undefined;
  }
  await app.reveal(id);
  return app.model.job(id);
};

/** After an id, the dependencies can be passed. */
export const changeDependencies: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const title = t('Change Dependencies');
  const { service, jobs, byId } = await targets(app, args, {
    flag: 'dependencies',
    title,
    none: t('No waiting jobs.'),
  });
  const [job] = jobs;
  if (!job) return [];
  const given = byId ? (args[1] as Dependency[] | undefined) : undefined;
  const dependsOn =
    given ?? (await pickDependencies({ service, session: app.session(), model: app.model }, { title, of: jobs }));
  return dependsOn ? onEach(jobs, ({ id }) => service.updateJob(id, { dependsOn })) : [];
};

export const hold: Handler = async (app, args) => {
  const question = { flag: 'hold', title: t('Hold Job'), none: t('No waiting jobs.') } as const;
  return forEachSelected(app, args, question, (job, service) => service.holdJob(job.id));
};

/** For a schedule it creates an additional job now. */
export const startNow: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const none = t('No scheduled jobs.');
  const question = { flag: 'startNow', title: t('Start Now'), none } as const;
  return forEachSelected(app, args, question, (job, service) => service.releaseJob(job.id));
};
