import * as vscode from 'vscode';
import type { InputRequest } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { parseSignal, type SignalName, signalNames } from '../../api/signals.ts';
import { isActive } from '../../api/values.ts';
import { number, t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import { jobTitle, bytes, shorten } from '../../text/grammar.ts';
import { confirms, inform, killAll, tellSurvivors } from './acting.ts';
import { going, pickSession, targets, trusted, type Handler } from './app.ts';
import type { Inspection, LiveProcess } from '../../api/inspection.ts';

export const kill: Handler = async (app, args) => {
  const question = { flag: 'kill', title: t('Stop Job'), none: t('No running jobs.') } as const;
  return killAll(app, await targets(app, args, question), 'SIGTERM');
};

/** Of jobs that have not started. */
export const cancel: Handler = async (app, args) => {
  const question = { flag: 'cancel', title: t('Cancel Job'), none: t('No waiting jobs.') } as const;
  return killAll(app, await targets(app, args, question), 'SIGTERM');
};

/** The same for the palette, where people search for either word. */
export const terminate = kill;

export const forceKill: Handler = async (app, args) => {
  const question = { flag: 'signal', title: t('Kill Job'), none: t('No running jobs.') } as const;
  return killAll(app, await targets(app, args, question), 'SIGKILL');
};

/** After an id, the signal can be passed. */
export const killWithSignal: Handler = async (app, args) => {
  const question = { flag: 'signal', title: t('Send Signal'), none: t('No running jobs.') } as const;
  const found = await targets(app, args, question);
  if (found.jobs.length === 0) return [];
  const signal = typeof found.given === 'string' ? parseSignal(found.given) : await pickSignal(found.jobs);
  return signal ? killAll(app, found, signal) : [];
};

export const killSession: Handler = async (app, args) => {
  const service = await app.connection.need();
  const sessions = app.model.sessions().filter((name) => going(app, name) > 0);
  const choice = { title: t('Stop All in Session'), none: t('No running or waiting jobs.') };
  const session = await pickSession(app, args[0], sessions, choice);
  if (session === undefined) return;
  if (typeof args[0] !== 'string') {
    const count = going(app, session);
    if (count === 0) return inform(choice.none);
    const question = t('Stop all running and waiting jobs ({1}) in session "{0}"?', session, number(count));
    if (!(await confirms(question, t('Stop All')))) return;
  }
  for (const job of app.model.jobs()) {
    if (job.session === session && isActive(job.status)) app.notifications.expect(job.id, job.run);
  }
  const { results } = await service.killJobs({ session });
  tellSurvivors(results);
  return results;
};

async function pickSignal(jobs: readonly Job[]): Promise<SignalName | undefined> {
  const usualFirst = new Set<SignalName>(['SIGTERM', ...signalNames]);
  const onWindows = t('On Windows, every signal forces all processes of the job to exit');
  const items = [...usualFirst].map((label) => ({
    label,
    description: process.platform === 'win32' ? onWindows : meanings[label],
  }));
  const [job, ...others] = jobs;
  const title =
    job && others.length === 0 ? t('Send Signal to "{0}"', jobTitle(job)) : t('Send Signal to {0} Jobs', jobs.length);
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.label;
}

const meanings: Record<SignalName, string> = {
  SIGINT: t('Interrupt, like Ctrl+C; force after the grace period'),
  SIGTERM: t('Ask to exit; force after the grace period'),
  SIGHUP: t('Terminal closed; force after the grace period'),
  SIGQUIT: t('Quit and dump stack or core; force after the grace period'),
  SIGKILL: t('Force to exit immediately'),
  SIGUSR1: t('Custom signal; the job might keep running'),
  SIGUSR2: t('Custom signal; the job might keep running'),
};

interface InputItem extends vscode.QuickPickItem {
  /** Takes the text in the box when it is accepted, because typing may be ahead of the list. */
  request: (text: string) => InputRequest;
}

/** After an id, the request can be passed. */
export const sendInput = trusted(async (app, args) => {
  const none = t('No running job accepts input. To start one that does, turn on the keyboard button in "Start Job".');
  const { service, jobs, given } = await targets(app, args, { flag: 'input', title: t('Send Input'), none });
  const [job] = jobs;
  const request = job && ((given as InputRequest | undefined) ?? (await askInput(job)));
  return request && service.sendInput(job.id, request);
});

/** Prompts for the text in a list that shows how it can be sent. */
function askInput(job: Job): Promise<InputRequest | undefined> {
  const box = vscode.window.createQuickPick<InputItem>();
  box.title = t('Input for "{0}"', jobTitle(job));
  box.placeholder = t('Type input to send to the job');
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
  const line = (typed: string): InputRequest => ({ text: `${typed}\n` });
  const lastLine = (typed: string): InputRequest => ({ ...line(typed), eof: true });
  if (text === '') {
    return [
      item(t('$(newline) Send Empty Line'), line),
      item(t('$(debug-disconnect) Close Input (EOF)'), (typed) => (typed === '' ? { eof: true } : lastLine(typed))),
    ];
  }
  return [
    item(t('$(newline) Send Line'), line),
    item(t('$(edit) Send Without Newline'), (typed) => ({ text: typed })),
    item(t('$(debug-disconnect) Send Line and Close Input (EOF)'), lastLine),
  ];
}

/** By id nothing is shown: the caller gets the result. */
export const inspect: Handler = async (app, args) => {
  const question = { flag: 'inspect', title: t('Inspect Processes'), none: t('No running jobs.') } as const;
  const { service, jobs, byId } = await targets(app, args, question);
  const [job] = jobs;
  if (!job) return undefined;
  if (byId) return service.inspectJob(job.id);
  const title = t('Inspecting processes of "{0}"…', jobTitle(job));
  const inspection = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
    service.inspectJob(job.id),
  );
  if (inspection.totals.processes > 0) return pickProcess(job, inspection);
  return inform(t('No process of "{0}" is running.', jobTitle(job)));
};

/** Copies the PID of the chosen process. */
async function pickProcess(job: Job, { processes, leftovers, totals }: Inspection): Promise<void> {
  const items = [...processes, ...leftovers].map((process) => ({
    label: withoutIcons(shorten(process.command, 120)),
    description: [t('PID {0}', process.pid), ...usage(process)].join(' · '),
    pid: process.pid,
  }));
  const title = [t('Processes of "{0}"', jobTitle(job)), ...usage(totals)].join(' · ');
  const options = { title, placeHolder: t('Select a process to copy its PID'), matchOnDescription: true };
  const chosen = await vscode.window.showQuickPick(items, options);
  if (chosen) await vscode.env.clipboard.writeText(String(chosen.pid));
}

function usage({ cpu, memory }: Pick<LiveProcess, 'cpu' | 'memory'>): string[] {
  return [cpu === null ? [] : t('{0}% CPU', cpu.toFixed(1)), memory === null ? [] : bytes(memory)].flat();
}
