import * as vscode from 'vscode';
import type { KillResult, InputRequest } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { parseSignal, type SignalName, signalNames } from '../../api/signals.ts';
import { isActive } from '../../api/values.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks, withoutIcons } from '../base/readableText.ts';
import { jobTitle, bytes, shorten } from '../../text/grammar.ts';
import { type App, type Handler, going, pickSession, targets, type Targets, onEach } from './context.ts';
import { requireTrust } from '../base/trust.ts';
import type { Inspection, LiveProcess } from '../../api/inspection.ts';

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
  const results = await onEach(jobs, (job) => {
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

interface InputItem extends vscode.QuickPickItem {
  /** Of what is in the box when it is accepted: who types quickly is ahead of the list. */
  request: (text: string) => InputRequest;
}

/** By id, the request can be given behind it. */
export const sendInput: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const none = t('No job takes live input. Start one with the keyboard button of "Start a Job" switched on.');
  const { service, jobs, byId } = await targets(app, args, { flag: 'input', title: t('Send Input to a Job'), none });
  const [job] = jobs;
  if (!job) return;
  const request = byId && args[1] ? (args[1] as InputRequest) : await askInput(job);
  return request && service.sendInput(job.id, request);
};

/** The text is typed where a list says what can be done with it. */
function askInput(job: Job): Promise<InputRequest | undefined> {
  const box = vscode.window.createQuickPick<InputItem>();
  box.title = t('Input for {0}', jobTitle(job));
  box.placeholder = t('Type what the job shall read');
  box.items = inputChoices('');
  return new Promise((resolve) => {
    box.onDidChangeValue((value) => (box.items = inputChoices(value)));
    box.onDidAccept(() => {
      resolve(box.activeItems[0]?.request(box.value));
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

function inputChoices(text: string): InputItem[] {
  const item = (label: string, request: InputItem['request']): InputItem => ({ label, request, alwaysShow: true });
  const line = (typed: string): string => `${typed}\n`;
  if (text === '') {
    return [
      item(t('$(newline) Send an empty line'), (typed) => ({ text: line(typed) })),
      item(t('$(debug-disconnect) Close its input (end of file)'), (typed) =>
        typed === '' ? { eof: true } : { text: line(typed), eof: true },
      ),
    ];
  }
  return [
    item(t('$(newline) Send the line'), (typed) => ({ text: line(typed) })),
    item(t('$(edit) Send the text without a line end'), (typed) => ({ text: typed })),
    item(t('$(debug-disconnect) Send the line and close its input (end of file)'), (typed) => ({
      text: line(typed),
      eof: true,
    })),
  ];
}

/** By id nothing is shown: the caller gets what was found. */
export const inspect: Handler = async (app, args) => {
  const question = { flag: 'inspect', title: t('Inspect the Processes of a Job'), none: t('No job runs.') } as const;
  const { service, jobs, byId } = await targets(app, args, question);
  const [job] = jobs;
  if (!job) return undefined;
  if (byId) return service.inspectJob(job.id);
  const inspection = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t('Looking at the processes of {0}…', jobTitle(job)) },
    () => service.inspectJob(job.id),
  );
  if (inspection.totals.processes > 0) return pickProcess(job, inspection);
  void vscode.window.showInformationMessage(withoutLinks(t('No process of "{0}" is alive.', jobTitle(job))));
  return undefined;
};

/** What is chosen, its pid is copied. */
async function pickProcess(job: Job, { processes, leftovers, totals }: Inspection): Promise<void> {
  const items = [...processes, ...leftovers].map((process) => ({
    label: withoutIcons(shorten(process.command, 120)),
    description: [t('pid {0}', process.pid), ...usage(process)].join(' · '),
    pid: process.pid,
  }));
  const title = [t('Processes of {0}', jobTitle(job)), ...usage(totals)].join(' · ');
  const options = { title, placeHolder: t('Choose a process to copy its pid'), matchOnDescription: true };
  const chosen = await vscode.window.showQuickPick(items, options);
  if (chosen) await vscode.env.clipboard.writeText(String(chosen.pid));
}

function usage({ cpu, memory }: Pick<LiveProcess, 'cpu' | 'memory'>): string[] {
  return [cpu === null ? [] : t('{0}% CPU', cpu.toFixed(1)), memory === null ? [] : bytes(memory)].flat();
}
