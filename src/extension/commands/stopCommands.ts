import * as vscode from 'vscode';
import type { KillResult } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { parseSignal, type SignalName, signalNames } from '../../api/signals.ts';
import { isActive } from '../../api/values.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import { jobTitle } from '../../text/grammar.ts';
import type { App, Handler } from './app.ts';
import { going, pickSession } from './sessionPick.ts';
import { targets, type Targets } from './targets.ts';
import { together } from './forEachSelected.ts';

export const kill: Handler = async (app, args) => {
  const found = await targets(app, args, { flag: 'kill', title: t('Kill a Job'), none: t('No job runs or waits.') });
  return killAll(app, found, 'SIGTERM');
};

/** By id, the signal can be given behind it. */
export const killWithSignal: Handler = async (app, args) => {
  const question = { flag: 'signal', title: t('Kill a Job with a Signal'), none: t('No job runs.') } as const;
  const found = await targets(app, args, question);
  if (found.jobs.length === 0) return [];
  const signal = found.byId && typeof args[1] === 'string' ? parseSignal(args[1]) : await pickSignal(found.jobs);
  return signal ? killAll(app, found, signal) : [];
};

export const killSession: Handler = async (app, args) => {
  const service = await app.connection.need();
  const sessions = app.model.sessions().filter((name) => going(app, name) > 0);
  const choice = { title: t('Kill All Jobs in Session'), none: t('No job runs or waits.') };
  const session = await pickSession(app, args[0], sessions, choice);
  if (session === undefined) return;
  if (typeof args[0] !== 'string') {
    const count = going(app, session);
    if (count === 0) return void vscode.window.showInformationMessage(choice.none);
    const killThem = t('Kill Them');
    const question = t('Kill all jobs of session "{0}" that run or wait ({1})?', session, count);
    if ((await vscode.window.showWarningMessage(question, { modal: true }, killThem)) !== killThem) return;
  }
  for (const job of app.model.jobs()) {
    if (job.session === session && isActive(job.status)) app.notifications.expect(job.id, job.run);
  }
  const { results } = await service.killJobs({ session });
  tellSurvivors(results);
  return results;
};

async function killAll(app: App, { service, jobs }: Targets, signal: SignalName): Promise<KillResult[]> {
  const results = await together(jobs, (job) => {
    if (!isActive(job.status)) return service.killJob(job.id, { signal });
    app.notifications.expect(job.id, job.run);
    // A run that has come since the person looked is not meant.
    return service.killJob(job.id, job.run === null ? { signal } : { signal, run: job.run });
  });
  tellSurvivors(results);
  for (const { result, leftoversEnded, job } of results) {
    if (result !== 'already_terminated') continue;
    const text = leftoversEnded > 0 ? t('{0}: ended {1} remaining processes', jobTitle(job), leftoversEnded) : null;
    void vscode.window.showInformationMessage(withoutLinks(text ?? t('{0} had ended already', jobTitle(job))));
  }
  return results;
}

function tellSurvivors(results: KillResult[]): void {
  for (const { survivors, job } of results) {
    if (survivors.length === 0) continue;
    const names = survivors.map(({ pid, command }) => `${pid} (${command})`).join(', ');
    void vscode.window.showWarningMessage(
      withoutLinks(t('{0}: these processes could not be ended: {1}', jobTitle(job), names)),
    );
  }
}

async function pickSignal(jobs: readonly Job[]): Promise<SignalName | undefined> {
  const usualFirst = ['SIGTERM' as const, ...signalNames.filter((signal) => signal !== 'SIGTERM')];
  const items = usualFirst.map((signal) => ({ label: signal, description: signalMeaning(signal), signal }));
  const title =
    jobs.length === 1 && jobs[0] ? t('Signal to {0}', jobTitle(jobs[0])) : t('Signal to {0} Jobs', jobs.length);
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.signal;
}

function signalMeaning(signal: SignalName): string {
  if (process.platform === 'win32') return t('on Windows every signal ends the whole tree at once');
  switch (signal) {
    case 'SIGINT':
      return t('interrupt, as Ctrl+C does; SIGKILL after the grace time');
    case 'SIGTERM':
      return t('the polite way to end it; SIGKILL after the grace time');
    case 'SIGHUP':
      return t('as if its terminal had been closed; SIGKILL after the grace time');
    case 'SIGQUIT':
      return t('quit, many programs print where they are; SIGKILL after the grace time');
    case 'SIGKILL':
      return t('ends it at once; it cannot clean up');
    case 'SIGUSR1':
    case 'SIGUSR2':
      return t('delivered to the job, which may live on');
  }
}
