import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import type { Dependency } from '../../api/options.ts';
import { isActive } from '../../api/values.ts';
import { commandText, jobTitle } from '../../text/grammar.ts';
import { commands } from '../base/ids.ts';
import { jobEnvironment } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { inform, onEach, removeAll } from './acting.ts';
import { forEachJob, givenNodes, isNode, pickDependencies, targets, trusted, type Handler } from './app.ts';

const noJob = t('No such job.');
const noneWaits = t('No waiting jobs.');

export const pause = forEachJob('pause', t('Pause Job'), t('No running jobs.'), (job, service) =>
  service.pauseJob(job.id),
);

export const resume = forEachJob('resume', t('Resume Job'), t('No paused jobs.'), (job, service) =>
  service.resumeJob(job.id),
);

export const restart = trusted(
  forEachJob('restart', t('Restart Job'), t('No jobs to restart.'), (job, service, app) => {
    if (isActive(job.status)) app.notifications.expect(job.id, job.run);
    return service.restartJob(job.id, { inheritEnv: jobEnvironment(process.env) });
  }),
  [],
);

/** Of an array: the tasks that have ended without completing. */
export const restartFailed = trusted(
  forEachJob('restartFailed', t('Rerun Failed Tasks'), t('No arrays with failed tasks.'), (job, service) =>
    service.restartJob(job.id, { failed: true, inheritEnv: jobEnvironment(process.env) }),
  ),
  [],
);

export const hold = forEachJob('hold', t('Hold Job'), noneWaits, (job, service) => service.holdJob(job.id));

export const release = trusted(
  forEachJob('release', t('Start Held Job'), t('No jobs on hold.'), (job, service) => service.releaseJob(job.id)),
  [],
);

/** For a schedule it creates an additional job now. */
export const startNow = trusted(
  forEachJob('startNow', t('Start Now'), t('No scheduled jobs.'), (job, service) => service.releaseJob(job.id)),
  [],
);

export const pin = forEachJob('pin', t('Pin Job'), noJob, (job, service) =>
  service.updateJob(job.id, { pinned: true }),
);

export const unpin = forEachJob('unpin', t('Unpin Job'), noJob, (job, service) =>
  service.updateJob(job.id, { pinned: false }),
);

/** After an id, the name can be passed. */
export const rename: Handler = async (app, args) => {
  const { service, jobs, given } = await targets(app, args, { flag: 'rename', title: t('Rename Job'), none: noJob });
  const [job] = jobs;
  if (!job) return undefined;
  const typed = typeof given === 'string' ? given : await askName(job);
  return typed?.trim() ? service.updateJob(job.id, { name: typed }) : undefined;
};

async function askName(job: Job): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: t('Rename Job'),
    prompt: t('Enter a new name for the job'),
    value: jobTitle(job),
    validateInput: (text) => (text.trim() === '' ? t('Enter a name.') : undefined),
  });
}

export const mute = setMuted('mute', t('Mute Notifications'));
export const unmute = setMuted('unmute', t('Unmute Notifications'));

function setMuted(flag: 'mute' | 'unmute', title: string): Handler {
  return async (app, args) => {
    const { jobs } = await targets(app, args, { flag, title, none: noJob });
    for (const { id } of jobs) await app.muted.set(id, flag === 'mute');
  };
}

/** After an id, nothing is shown. */
export const notify: Handler = async (app, args) => {
  const question = { flag: 'notify', title: t('Notify Me When Done'), none: t('No running or waiting jobs.') } as const;
  const { jobs, byId } = await targets(app, args, question);
  for (const { id } of jobs) await app.wanted.set(id, true);
  const [first] = jobs;
  if (!first || byId) return;
  const text = t('You will be notified when "{0}" ends.', jobTitle(first));
  void vscode.window.setStatusBarMessage(text, 5000);
};

export const dontNotify: Handler = async (app, args) => {
  const question = { flag: 'dontNotify', title: t("Don't Notify Me"), none: noJob } as const;
  const { jobs } = await targets(app, args, question);
  for (const { id } of jobs) await app.wanted.set(id, false);
};

export const copyId = copy(t('Copy ID'), ({ id }) => id);
export const copyCommand = copy(t('Copy Command'), commandText);

function copy(title: string, textOf: (job: Job) => string): Handler {
  return async (app, args) => {
    const { jobs } = await targets(app, args, { flag: 'job', title, none: noJob });
    if (jobs.length > 0) await vscode.env.clipboard.writeText(jobs.map(textOf).join('\n'));
  };
}

export const remove: Handler = async (app, args) => {
  const question = {
    flag: 'remove',
    title: t('Remove Job'),
    none: t('No finished jobs and no jobs on hold.'),
  } as const;
  const { service, jobs, byId } = await targets(app, args, question);
  return removeAll(service, jobs, !byId);
};

/** Selects the schedule that created a job. */
export const showSchedule: Handler = async (app, args) => {
  const none = t('No jobs were created by a schedule.');
  const { jobs } = await targets(app, args, { flag: 'schedule', title: t('Show Schedule'), none });
  const id = jobs[0]?.schedule ?? undefined;
  if (id === undefined) return undefined;
  if (!app.model.job(id)) return inform(t('The schedule of this job was removed or has ended.'));
  await app.reveal(id);
  return app.model.job(id);
};

/** After an id, the dependencies can be passed. */
export const changeDependencies = trusted(async (app, args) => {
  const title = t('Change Dependencies');
  const { service, jobs, given } = await targets(app, args, { flag: 'dependencies', title, none: noneWaits });
  if (jobs.length === 0) return [];
  const dependsOn = (given as Dependency[] | undefined) ?? (await pickDependencies(app, title, jobs));
  return dependsOn ? onEach(jobs, ({ id }) => service.updateJob(id, { dependsOn })) : [];
}, []);

/** After an id, the priority can be passed. */
export const changePriority: Handler = async (app, args) => {
  const title = t('Change Priority');
  const { service, jobs, given } = await targets(app, args, { flag: 'priority', title, none: noneWaits });
  if (jobs.length === 0) return [];
  const priority = typeof given === 'number' ? given : await pickPriority(title, jobs);
  return priority === undefined ? [] : onEach(jobs, (job) => service.updateJob(job.id, { priority }));
};

async function pickPriority(title: string, jobs: readonly Job[]): Promise<number | undefined> {
  const items = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((priority) => {
    const words = [
      priority === 10 ? t('highest') : priority === 5 ? t('default') : '',
      jobs.every((job) => job.priority === priority) ? t('current') : '',
    ];
    return { label: String(priority), description: words.filter((word) => word !== '').join(' · '), priority };
  });
  return (await vscode.window.showQuickPick(items, { title }))?.priority;
}

export const showOutput: Handler = async (app, args) => {
  const question = { flag: 'job', title: t('Show Output'), none: t('There are no jobs.') } as const;
  const [node] = args;
  if (isNode(node) && node.type === 'run') {
    await vscode.commands.executeCommand(commands.openLog, node.job, node.number);
    return;
  }
  const { jobs } = await targets(app, args, question);
  for (const job of jobs) {
    if (job.array) inform(t('Each task of "{0}" has its own output. Select a task.', jobTitle(job)));
    else app.channels.show(job);
  }
};

/** The page of a job, in an editor. For the row of a run too. */
export const showDetails: Handler = async (app, args) => {
  const question = { flag: 'job', title: t('Show Job Details'), none: t('There are no jobs.') } as const;
  const nodes = (await givenNodes(app, args[0], args[1])) ?? [];
  const runs = nodes.flatMap((node) => (node.type === 'run' ? node.job : []));
  const given = runs.length > 0 ? runs.slice(0, 1) : nodes.length > 0 ? [nodes[0], nodes] : args;
  const { jobs } = await targets(app, given, question);
  for (const job of jobs) app.pages.show(job);
};

export const showTimeline: Handler = ({ pages }) => Promise.resolve(pages.showTimeline());

/** Handles a click in the tree. */
export const open: Handler = async (app) => {
  const [node] = app.selection();
  if (node?.type === 'more') app.model.wantMore(node.session, node.kind);
  if (node?.type === 'moreTasks') app.arrays.wantMore(node.array);
  if (node?.type === 'moreFound') app.found.wantMore(node.list);
  const job = node?.type === 'job' ? app.model.job(node.id) : undefined;
  if (job?.options.tty && job.run !== null) app.terminals.show(job);
  else if (job || node?.type === 'run') await showOutput(app, [node]);
};

/** When the editor runs remotely, it opens a tunnel. By id the caller gets the opened addresses. */
export const openInBrowser: Handler = async (app, args) => {
  const none = t('No running job has printed a URL.');
  const { jobs } = await targets(app, args, { flag: 'browse', title: t('Open in Browser'), none });
  const opened: string[] = [];
  for (const { url } of jobs) {
    if (url === null) continue;
    const external = await vscode.env.asExternalUri(vscode.Uri.parse(url, true));
    if (await vscode.env.openExternal(external)) opened.push(external.toString(true));
  }
  if (jobs.length > 0 && jobs.every(({ url }) => url === null)) inform(none);
  return opened;
};
