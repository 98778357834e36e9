import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import { isLimit } from '../base/hostSettings.ts';
import { isRecord, withoutIcons } from '../base/readableText.ts';
import { section, settings, type SettingName } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { requireTrust } from '../base/trust.ts';
import { type App, type Handler, isNode, pickSession } from './app.ts';
import type { CleanupRequest, CleanupResult } from '../../api/control.ts';

/** The jobs that a limit applies to: all, those of each session, or those of one session. */
type Scope = { type: 'host' } | { type: 'eachSession' } | { type: 'session'; session: string };

interface Current {
  service: JobService;
  maxConcurrentJobs: number;
  maxConcurrentJobsPerSession: number;
  sessionLimits: Record<string, number>;
}

/** Writes a limit to the settings, and sends it to the host even when the setting has the value already. */
export const changeLimits: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const service = await app.connection.need();
  const current: Current = { service, ...(await service.getHost()).limits };
  const given = args[0];
  const scope: Scope | undefined =
    isNode(given) && given.type === 'session'
      ? { type: 'session', session: given.session }
      : await pickScope(app, current);
  if (!scope) return;
  const number = await askNumber(scope, current);
  if (number !== undefined) await setLimit(current, scope, number);
};

async function pickScope(app: App, current: Current): Promise<Scope | undefined> {
  const sessions = new Set([app.session(), ...app.model.sessions(), ...Object.keys(current.sessionLimits)]);
  const items: (vscode.QuickPickItem & { scope: Scope })[] = [
    { label: t('All sessions together'), description: limitText(current.maxConcurrentJobs), scope: { type: 'host' } },
    {
      label: t('Each session'),
      description: limitText(current.maxConcurrentJobsPerSession),
      scope: { type: 'eachSession' },
    },
    ...[...sessions].map((session) => ({
      label: t('Session {0}', withoutIcons(session)),
      description: ownLimit(current, session),
      scope: { type: 'session' as const, session },
    })),
  ];
  const options = { title: t('Configure Limits'), placeHolder: t('Select a concurrency limit to change') };
  return (await vscode.window.showQuickPick(items, options))?.scope;
}

function limitText(maximum: number): string {
  return maximum === 0 ? t('no limit') : t('at most {0} at a time', maximum);
}

function ownLimit({ sessionLimits, maxConcurrentJobsPerSession }: Current, session: string): string {
  const own = sessionLimits[session];
  return own === undefined ? t('default: {0}', limitText(maxConcurrentJobsPerSession)) : limitText(own);
}

/** @returns null for no limit of its own */
async function askNumber(scope: Scope, current: Current): Promise<number | null | undefined> {
  const isOwn = scope.type === 'session';
  const value = isOwn
    ? current.sessionLimits[scope.session]
    : scope.type === 'host'
      ? current.maxConcurrentJobs
      : current.maxConcurrentJobsPerSession;
  const typed = await vscode.window.showInputBox({
    title: isOwn ? t('Concurrent Jobs of {0}', scope.session) : t('Concurrent Jobs'),
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

async function setLimit({ service }: Current, scope: Scope, number: number | null): Promise<void> {
  if (scope.type === 'session') {
    const own = vscode.workspace.getConfiguration(section).inspect(settings.sessionLimits)?.globalValue;
    const { [scope.session]: _before, ...others } = isRecord(own) ? own : {};
    await saveSetting(settings.sessionLimits, number === null ? others : { ...others, [scope.session]: number });
    await service.updateHost({ sessionLimits: { [scope.session]: number } });
  } else if (number !== null) {
    const name = scope.type === 'host' ? 'maxConcurrentJobs' : 'maxConcurrentJobsPerSession';
    await saveSetting(settings[name], number);
    await service.updateHost({ [name]: number });
  }
}

function saveSetting(name: SettingName, value: unknown): Thenable<void> {
  return vscode.workspace.getConfiguration(section).update(name, value, vscode.ConfigurationTarget.Global);
}

const hour = 3_600_000;

/** With a request as an argument it does not prompt. */
export const cleanUp: Handler = async (app, args) => {
  const service = await app.connection.need();
  if (typeof args[0] === 'object' && args[0] !== null) return service.cleanUp(args[0]);
  const request = await askWhatToRemove(app);
  if (!request) return;
  const dry = await service.cleanUp({ ...request, dryRun: true });
  if (dry.cleaned === 0) {
    void vscode.window.showInformationMessage(t('No finished jobs to remove.'));
    return;
  }
  const yes = t('Remove');
  const question =
    dry.cleaned === 1
      ? t("Remove 1 finished job and its logs? You can't undo this.")
      : t("Remove {0} finished jobs and their logs? You can't undo this.", dry.cleaned);
  if ((await vscode.window.showWarningMessage(question, { modal: true }, yes)) !== yes) return;
  const done = await vscode.window.withProgress<CleanupResult>(
    { location: vscode.ProgressLocation.Notification, title: t('Removing {0} jobs…', dry.cleaned) },
    () => service.cleanUp(request),
  );
  void vscode.window.setStatusBarMessage(t('Removed {0} jobs.', done.cleaned), 5000);
  return done;
};

async function askWhatToRemove(app: App): Promise<CleanupRequest | undefined> {
  const which = await vscode.window.showQuickPick(
    [
      { label: t('All finished jobs'), request: {} },
      { label: t('Completed jobs'), request: { status: 'completed' } },
      { label: t('All unsuccessful jobs'), request: { status: notCompleted } },
      { label: t('Finished more than 1 hour ago'), request: { olderThanMs: hour } },
      { label: t('Finished more than 1 day ago'), request: { olderThanMs: 24 * hour } },
      { label: t('Finished more than 1 week ago'), request: { olderThanMs: 7 * 24 * hour } },
      { label: t('All except the newest 100'), request: { keep: 100 } },
    ],
    { title: t('Remove Finished Jobs'), placeHolder: t('Select jobs to remove. Pinned jobs are kept.') },
  );
  if (!which) return undefined;
  const own = app.session();
  if (!app.model.sessions().some((session) => session !== own)) return which.request;
  const where = await vscode.window.showQuickPick(
    [
      { label: t('Session of this window'), description: own, request: { session: own } },
      { label: t('All sessions'), request: {} },
    ],
    { title: t('Remove Finished Jobs'), placeHolder: t('Select a scope') },
  );
  return where && { ...which.request, ...where.request };
}

const notCompleted = 'failed,killed,timed_out,cancelled,lost';

export const pauseSession: Handler = async (app, args) => {
  const service = await app.connection.need();
  const known = new Set([app.session(), ...app.model.sessions()]);
  const sessions = [...known].filter((session) => !app.queue.isPaused(session));
  const question = { title: t('Pause Session'), none: t('All sessions are paused.') };
  const session = await pickSession(app, args[0], sessions, question);
  return session === undefined ? undefined : app.queue.take(await service.pauseQueue({ session }));
};

export const resumeSession: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const service = await app.connection.need();
  const { pausedSessions } = await service.getQueue();
  const question = { title: t('Resume Session'), none: t('No paused sessions.') };
  const session = await pickSession(app, args[0], pausedSessions, question);
  return session === undefined ? undefined : app.queue.take(await service.resumeQueue({ session }));
};
