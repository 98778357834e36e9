import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Job, Run } from '../../api/job.ts';
import type { Dependency } from '../../api/options.ts';
import { isActive } from '../../api/values.ts';
import { bytes, commandText, jobTitle } from '../../text/grammar.ts';
import { jobEnvironment } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { confirms, forEachJob, inform, onEach, pickDependencies, targets, trusted, type Handler } from './app.ts';

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
  forEachJob('release', t('Release Job'), t('No held jobs.'), (job, service) => service.releaseJob(job.id)),
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

export const mute = setMuted('mute', t('Mute Notifications'));
export const unmute = setMuted('unmute', t('Unmute Notifications'));

function setMuted(flag: 'mute' | 'unmute', title: string): Handler {
  return async (app, args) => {
    const { jobs } = await targets(app, args, { flag, title, none: noJob });
    for (const { id } of jobs) await app.muted.set(id, flag === 'mute');
  };
}

export const copyId = copy(t('Copy ID'), ({ id }) => id);
export const copyCommand = copy(t('Copy Command'), commandText);

function copy(title: string, textOf: (job: Job) => string): Handler {
  return async (app, args) => {
    const { jobs } = await targets(app, args, { flag: 'job', title, none: noJob });
    if (jobs.length > 0) await vscode.env.clipboard.writeText(jobs.map(textOf).join('\n'));
  };
}

export const remove: Handler = async (app, args) => {
  const question = { flag: 'remove', title: t('Remove Job'), none: t('No finished or held jobs.') } as const;
  const { service, jobs, byId } = await targets(app, args, question);
  const [only] = jobs;
  if (!only) return [];
  const text =
    jobs.length === 1
      ? t('Remove "{0}" and its logs?', jobTitle(only))
      : t('Remove {0} jobs and their logs?', jobs.length);
  if (!byId && !(await confirms(text, t('Remove')))) return [];
  return onEach(jobs, (job) => service.removeJob(job.id));
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
  const { jobs } = await targets(app, args, question);
  for (const job of jobs) {
    if (job.array) inform(t('Each task of "{0}" has its own output. Select a task.', jobTitle(job)));
    else app.channels.show(job);
  }
};

/** Handles a click in the tree. */
export const open: Handler = async (app) => {
  const [node] = app.selection();
  if (node?.type === 'more') app.model.wantMore(node.session, node.kind);
  if (node?.type === 'moreTasks') app.arrays.wantMore(node.array);
  if (node?.type === 'job') await showOutput(app, [node]);
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

export const openLog: Handler = async (app, args) => {
  const question = { flag: 'log', title: t('Open Full Log'), none: t('No jobs have run.') } as const;
  const { jobs } = await targets(app, args, question);
  for (const job of jobs) {
    const run = job.runs.find(({ number }) => number === job.run);
    const path = run && (await pickLog(run));
    if (path !== undefined) await openFile(path);
  }
};

/** The log that is not empty; the user's choice when both are not. */
async function pickLog(run: Run): Promise<string | undefined> {
  const { stdout, stderr } = run.logs;
  if (stderr === null || run.stderrBytes === 0) return stdout;
  if (run.stdoutBytes === 0) return stderr;
  const items = [
    { label: 'stdout', description: bytes(run.stdoutBytes), path: stdout },
    { label: 'stderr', description: bytes(run.stderrBytes), path: stderr },
  ];
  return (await vscode.window.showQuickPick(items, { title: t('Select a Log') }))?.path;
}

/** The editor opens larger files slowly, and does not pass them to extensions. */
const largeFile = 50 * 1024 ** 2;

async function openFile(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  const { size } = await stat(path);
  if (size > largeFile) {
    const [anyway, copyPath, reveal] = [t('Open Anyway'), t('Copy Path'), t('Reveal')];
    const text = t('This log is {0} and can be slow to open: {1}', bytes(size), path);
    const choice = await vscode.window.showWarningMessage(text, anyway, copyPath, reveal);
    if (choice === copyPath) await vscode.env.clipboard.writeText(path);
    if (choice === reveal) await vscode.commands.executeCommand('revealFileInOS', uri);
    if (choice !== anyway) return;
  }
  await vscode.commands.executeCommand('vscode.open', uri);
}
