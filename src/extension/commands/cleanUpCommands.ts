import * as vscode from 'vscode';
import type { CleanupRequest, CleanupResult } from '../../api/control.ts';
import { t } from '../base/l10n.ts';
import type { App, Handler } from './app.ts';

const hour = 3_600_000;

/** A request can be given; then nothing is asked. */
export const cleanUp: Handler = async (app, args) => {
  const service = await app.connection.need();
  if (typeof args[0] === 'object' && args[0] !== null) return service.cleanUp(args[0]);
  const request = await ask(app);
  if (!request) return;
  const dry = await service.cleanUp({ ...request, dryRun: true });
  if (dry.cleaned === 0) {
    void vscode.window.showInformationMessage(t('There is nothing to clean up.'));
    return;
  }
  const yes = t('Remove');
  const question =
    dry.cleaned === 1
      ? t('Remove 1 finished job with its logs? {0} remain.', dry.remaining)
      : t('Remove {0} finished jobs with their logs? {1} remain.', dry.cleaned, dry.remaining);
  if ((await vscode.window.showWarningMessage(question, { modal: true }, yes)) !== yes) return;
  const done = await vscode.window.withProgress<CleanupResult>(
    { location: vscode.ProgressLocation.Notification, title: t('Removing {0} jobs…', dry.cleaned) },
    () => service.cleanUp(request),
  );
  void vscode.window.setStatusBarMessage(t('{0} jobs removed, {1} remain', done.cleaned, done.remaining), 5000);
  return done;
};

async function ask(app: App): Promise<CleanupRequest | undefined> {
  const which = await vscode.window.showQuickPick(
    [
      { label: t('All finished jobs'), request: {} },
      { label: t('Those that completed'), request: { status: 'completed' } },
      { label: t('Those that failed, were killed, timed out, cancelled or lost'), request: { status: notCompleted } },
      { label: t('Those that finished more than an hour ago'), request: { olderThanMs: hour } },
      { label: t('Those that finished more than a day ago'), request: { olderThanMs: 24 * hour } },
      { label: t('Those that finished more than a week ago'), request: { olderThanMs: 7 * 24 * hour } },
      { label: t('All but the newest 100'), request: { keep: 100 } },
    ],
    { title: t('Clean Up Jobs'), placeHolder: t('Which? Pinned jobs are kept.') },
  );
  if (!which) return undefined;
  const own = app.session();
  if (!app.model.sessions().some((session) => session !== own)) return which.request;
  const where = await vscode.window.showQuickPick(
    [
      { label: t('In the session of this window'), description: own, request: { session: own } },
      { label: t('In all sessions'), request: {} },
    ],
    { title: t('Clean Up Jobs'), placeHolder: t('Where?') },
  );
  return where && { ...which.request, ...where.request };
}

const notCompleted = 'failed,killed,timed_out,cancelled,lost';
