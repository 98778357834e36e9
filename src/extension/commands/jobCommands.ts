import { isActive } from '../../api/values.ts';
import { t } from '../base/l10n.ts';
import { jobEnvironment } from '../base/jobStart.ts';
import { requireTrust } from '../base/trust.ts';
import { type Handler, targets, onEach, forEachSelected } from './context.ts';
import * as vscode from 'vscode';
import type { ItemFlag } from '../base/ids.ts';
import { commandText, jobTitle } from '../../text/grammar.ts';
import { type Dependency } from '../../api/options.ts';
import { pickDependencies } from '../view/jobPick.ts';

export const pause: Handler = async (app, args) => {
  const question = { flag: 'pause', title: t('Pause a Job'), none: t('No job runs.') } as const;
  return forEachSelected(app, args, question, (job, service) => service.pauseJob(job.id));
};

export const resume: Handler = async (app, args) => {
  const question = { flag: 'resume', title: t('Resume a Job'), none: t('No job is paused.') } as const;
  return forEachSelected(app, args, question, (job, service) => service.resumeJob(job.id));
};

export const restart: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const question = { flag: 'restart', title: t('Restart a Job'), none: t('No job to restart.') } as const;
  return forEachSelected(app, args, question, (job, service) => {
    if (isActive(job.status)) app.notifications.expect(job.id, job.run);
    return service.restartJob(job.id, { inheritEnv: jobEnvironment(process.env) });
  });
};

export const release: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const question = { flag: 'release', title: t('Release a Held Job'), none: t('No job is held.') } as const;
  return forEachSelected(app, args, question, (job, service) => service.releaseJob(job.id));
};

const noJob = (): string => t('There is no such job.');

export const copyId: Handler = async (app, args) => {
  const { jobs } = await targets(app, args, { flag: 'job', title: t('Copy the Id of a Job'), none: noJob() });
  if (jobs.length > 0) await vscode.env.clipboard.writeText(jobs.map(({ id }) => id).join('\n'));
};

export const copyCommand: Handler = async (app, args) => {
  const { jobs } = await targets(app, args, { flag: 'job', title: t('Copy the Command of a Job'), none: noJob() });
  if (jobs.length > 0) await vscode.env.clipboard.writeText(jobs.map(commandText).join('\n'));
};

export const pin: Handler = (app, args) => pinned(true)(app, args);
export const unpin: Handler = (app, args) => pinned(false)(app, args);

function pinned(value: boolean): Handler {
  return async (app, args) => {
    const flag: ItemFlag = value ? 'pin' : 'unpin';
    const title = value ? t('Pin a Job') : t('Unpin a Job');
    const { service, jobs } = await targets(app, args, { flag, title, none: noJob() });
    return onEach(jobs, (job) => service.updateJob(job.id, { pinned: value }));
  };
}

export const mute: Handler = (app, args) => muted(true)(app, args);
export const unmute: Handler = (app, args) => muted(false)(app, args);

function muted(value: boolean): Handler {
  return async (app, args) => {
    const flag: ItemFlag = value ? 'mute' : 'unmute';
    const title = value ? t('Mute a Job') : t('Unmute a Job');
    const { jobs } = await targets(app, args, { flag, title, none: noJob() });
    for (const job of jobs) await app.muted.set(job.id, value);
  };
}

export const remove: Handler = async (app, args) => {
  const question = { flag: 'remove', title: t('Remove a Job'), none: t('No job is finished or held.') } as const;
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

/** Selects the schedule that has made a job. */
export const showSchedule: Handler = async (app, args) => {
  const none = t('No job was made by a schedule.');
  const { jobs } = await targets(app, args, { flag: 'schedule', title: t('Show the Schedule of a Job'), none });
  const id = jobs[0]?.schedule ?? undefined;
  if (id === undefined) return undefined;
  if (!app.model.job(id)) {
    void vscode.window.showInformationMessage(t('Its schedule is no more, or has ended.'));
    return undefined;
  }
  await app.reveal(id);
  return app.model.job(id);
};

/** By id, the dependencies can be given behind it. */
export const changeDependencies: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const title = t('Change the Dependencies of a Job');
  const { service, jobs, byId } = await targets(app, args, { flag: 'dependencies', title, none: t('No job waits.') });
  const [job] = jobs;
  if (!job) return [];
  const given = byId ? (args[1] as Dependency[] | undefined) : undefined;
  const dependsOn =
    given ?? (await pickDependencies({ service, session: app.session(), model: app.model }, { title, of: jobs }));
  return dependsOn ? onEach(jobs, ({ id }) => service.updateJob(id, { dependsOn })) : [];
};

export const hold: Handler = async (app, args) => {
  const question = { flag: 'hold', title: t('Hold a Job'), none: t('No job waits.') } as const;
  return forEachSelected(app, args, question, (job, service) => service.holdJob(job.id));
};

/** Of a schedule it makes a job at once, besides those of its times. */
export const startNow: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const none = t('No job waits for its time.');
  const { service, jobs } = await targets(app, args, { flag: 'startNow', title: t('Start a Scheduled Job Now'), none });
  return onEach(jobs, (job) => service.releaseJob(job.id));
};
