import * as vscode from 'vscode';
import type { ItemFlag } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { commandText, jobTitle } from '../../text/grammar.ts';
import type { Handler } from './app.ts';
import { targets } from './targets.ts';
import { together } from './forEachSelected.ts';

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
    return together(jobs, (job) => service.updateJob(job.id, { pinned: value }));
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
  return together(jobs, (job) => service.removeJob(job.id));
};
