import * as vscode from 'vscode';
import { isRecord, type Direction } from '../../api/values.ts';
import type { CleanupRequest, CleanupResult } from '../../api/control.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { isLimit } from '../base/hostSettings.ts';
import { extensionId, section, settings, type SettingName } from '../base/ids.ts';
import { number, t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import { hasPlace, movesOf } from '../model/groups.ts';
import { confirms, inform } from './acting.ts';
import { isNode, pickSession, targets, trusted, type App, type Handler } from './app.ts';

export const moveUp = move('up');
export const moveDown = move('down');
export const moveFirst = move('first');
export const moveLast = move('last');

/** Several jobs keep their relative order. */
function move(to: Direction): Handler {
  return async (app, args) => {
    const none = t('No jobs in the queue.');
    const { service, jobs } = await targets(app, args, { flag: 'move', title: t('Move in Queue'), none });
    const queue = await service.getQueue();
    const moved: Job[] = [];
    for (const [session, selected] of Map.groupBy(jobs, (job) => job.session)) {
      const order = queue.jobs.filter((job) => job.session === session && hasPlace(job));
      for (const id of movesOf(order.map(idOf), selected.map(idOf), to)) moved.push(await service.moveJob(id, { to }));
    }
    app.queue.take(await service.getQueue());
    return moved;
  };
}

const idOf = ({ id }: Job): string => id;

export const pauseQueue: Handler = async (app) => {
  const service = await app.connection.need();
  return app.queue.take(await service.pauseQueue());
};

export const resumeQueue = trusted(async (app) => {
  const service = await app.connection.need();
  return app.queue.take(await service.resumeQueue());
});

export const pauseSession: Handler = async (app, args) => {
  const service = await app.connection.need();
  const known = new Set([app.session(), ...app.model.sessions()]);
  const sessions = [...known].filter((session) => !app.queue.isPaused(session));
  const question = { title: t('Pause Session'), none: t('All sessions are paused.') };
  const session = await pickSession(app, args[0], sessions, question);
  return session === undefined ? undefined : app.queue.take(await service.pauseQueue({ session }));
};

export const resumeSession = trusted(async (app, args) => {
  const service = await app.connection.need();
  const { pausedSessions } = await service.getQueue();
  const question = { title: t('Resume Session'), none: t('No paused sessions.') };
  const session = await pickSession(app, args[0], pausedSessions, question);
  return session === undefined ? undefined : app.queue.take(await service.resumeQueue({ session }));
});

/** A limit on the number of running jobs. */
interface Limit extends vscode.QuickPickItem {
  name: 'maxConcurrentJobs' | 'maxConcurrentJobsPerSession' | 'sessionLimits';
  /** Whose own limit it is, instead of a limit of all. */
  session?: string;
  /** Undefined for a session that has no limit of its own. */
  value: number | undefined;
}

/** Writes a limit to the settings, and sends it to the host even when the setting has the value already. */
export const changeLimits = trusted(async (app, [given]) => {
  const service = await app.connection.need();
  const { limits } = await service.getHost();
  const ofSession = (session: string): Limit => {
    const value = limits.sessionLimits[session];
    const common = t('default: {0}', limitText(limits.maxConcurrentJobsPerSession));
    const description = value === undefined ? common : limitText(value);
    return { name: 'sessionLimits', session, value, label: t('Session "{0}"', withoutIcons(session)), description };
  };
  const ofAll = (name: Exclude<Limit['name'], 'sessionLimits'>, label: string): Limit => {
    return { name, value: limits[name], label, description: limitText(limits[name]) };
  };
  const sessions = new Set([app.session(), ...app.model.sessions(), ...Object.keys(limits.sessionLimits)]);
  const quotas = { label: t('Quotas…'), description: t('opens the settings') };
  const items = [
    ofAll('maxConcurrentJobs', t('All Sessions Together')),
    ofAll('maxConcurrentJobsPerSession', t('Each Session')),
    ...[...sessions].map(ofSession),
    quotas,
  ];
  const options = { title: t('Configure Limits'), placeHolder: t('Select a concurrency limit to change') };
  const limit =
    isNode(given) && given.type === 'session'
      ? ofSession(given.session)
      : await vscode.window.showQuickPick<Limit | typeof quotas>(items, options);
  if (!limit) return;
  if (!('name' in limit)) {
    await vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${extensionId} quotas`);
    return;
  }
  const number = await askNumber(limit);
  if (number !== undefined) await setLimit(service, limit, number);
});

function limitText(maximum: number): string {
  return maximum === 0 ? t('no limit') : t('at most {0} at a time', maximum);
}

/** @returns null for no limit of its own */
async function askNumber({ session, value }: Limit): Promise<number | null | undefined> {
  const isOwn = session !== undefined;
  const typed = await vscode.window.showInputBox({
    title: isOwn ? t('Concurrent Jobs in "{0}"', session) : t('Concurrent Jobs'),
    prompt: isOwn ? t('Enter 0 for no limit, or leave empty to use the default.') : t('Enter 0 for no limit.'),
    value: value?.toString() ?? '',
    validateInput: (text) =>
      numberIn(text, isOwn) === undefined ? t('Enter a whole number from 0 to 10,000.') : undefined,
  });
  return typed === undefined ? undefined : numberIn(typed, isOwn);
}

function numberIn(text: string, mayBeEmpty: boolean): number | null | undefined {
  const typed = text.trim();
  if (typed === '') return mayBeEmpty ? null : undefined;
  return /^\d+$/.test(typed) && isLimit(Number(typed)) ? Number(typed) : undefined;
}

async function setLimit(service: JobService, { name, session }: Limit, number: number | null): Promise<void> {
  if (session === undefined) {
    await saveSetting(settings[name], number);
    await service.updateHost({ [name]: number });
    return;
  }
  const own = vscode.workspace.getConfiguration(section).inspect(settings.sessionLimits)?.globalValue;
  const { [session]: _before, ...others } = isRecord(own) ? own : {};
  await saveSetting(settings.sessionLimits, number === null ? others : { ...others, [session]: number });
  await service.updateHost({ sessionLimits: { [session]: number } });
}

function saveSetting(name: SettingName, value: unknown): Thenable<void> {
  return vscode.workspace.getConfiguration(section).update(name, value, vscode.ConfigurationTarget.Global);
}

/** With a request as an argument it does not prompt. */
export const cleanUp: Handler = async (app, [given]) => {
  const service = await app.connection.need();
  if (typeof given === 'object' && given !== null) return service.cleanUp(given);
  const request = await askWhatToRemove(app);
  if (!request) return;
  const { cleaned } = await service.cleanUp({ ...request, dryRun: true });
  if (cleaned === 0) return inform(t('No finished jobs to remove.'));
  const question =
    cleaned === 1
      ? t("Remove 1 finished job and its logs? You can't undo this.")
      : t("Remove {0} finished jobs and their logs? You can't undo this.", number(cleaned));
  if (!(await confirms(question, t('Remove')))) return;
  const done = await vscode.window.withProgress<CleanupResult>(
    { location: vscode.ProgressLocation.Notification, title: t('Removing {0} jobs…', number(cleaned)) },
    () => service.cleanUp(request),
  );
  void vscode.window.setStatusBarMessage(t('Removed {0} jobs.', number(done.cleaned)), 5000);
  return done;
};

const hour = 3_600_000;

async function askWhatToRemove(app: App): Promise<CleanupRequest | undefined> {
  const title = t('Remove Finished Jobs');
  const which = await vscode.window.showQuickPick(
    [
      { label: t('All Finished Jobs'), request: {} },
      { label: t('Completed Jobs'), request: { status: 'completed' } },
      { label: t('All Unsuccessful Jobs'), request: { status: 'failed,killed,timed_out,cancelled,lost' } },
      { label: t('Finished More Than 1 Hour Ago'), request: { olderThanMs: hour } },
      { label: t('Finished More Than 1 Day Ago'), request: { olderThanMs: 24 * hour } },
      { label: t('Finished More Than 1 Week Ago'), request: { olderThanMs: 7 * 24 * hour } },
      { label: t('All Except the Newest 100'), request: { keep: 100 } },
    ],
    { title, placeHolder: t('Select jobs to remove. Pinned jobs are kept.') },
  );
  const session = app.session();
  if (!which || app.model.sessions().every((name) => name === session)) return which?.request;
  const scopes = [
    { label: t('Session of This Window'), description: session, request: { session } },
    { label: t('All Sessions'), request: {} },
  ];
  const where = await vscode.window.showQuickPick(scopes, { title, placeHolder: t('Select a scope') });
  return where && { ...which.request, ...where.request };
}
