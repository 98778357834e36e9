import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import type { StartRequest } from '../../api/options.ts';
import { readTime } from '../../text/typedTime.ts';
import { t } from '../base/l10n.ts';
import { coarseRemaining } from '../../text/timeText.ts';
import type * as Cron from '../../engine/queue/cron.ts';
import { cronBundle } from '../../bundles.ts';

export type When = Pick<StartRequest, 'at' | 'cron' | 'held'>;

/** Number of upcoming times of a schedule that are shown. */
const shown = 3;

/** @returns undefined when the user has canceled */
export async function askWhen(title: string): Promise<When | undefined> {
  const items = [
    { label: t('$(play) Now'), ask: () => Promise.resolve({}) },
    { label: t('$(clockface) At a Time…'), ask: () => askTime(title) },
    { label: t('$(calendar) On a Schedule…'), ask: () => askCron(title) },
    { label: t('$(lock) On Hold, Until You Release It'), ask: () => Promise.resolve({ held: true }) },
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: t('Select when to start the job'),
    ignoreFocusOut: true,
  });
  return chosen?.ask();
}

async function askTime(title: string): Promise<When | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: t('Start time: 17:30, 2026-11-21 09:00, or 10m for 10 minutes from now'),
    ignoreFocusOut: true,
    validateInput: (text) => {
      const now = Date.now();
      const at = readTime(text.trim(), now);
      if (at === undefined)
        return text.trim() === '' ? ' ' : t('Enter a time such as 17:30, 2026-11-21 09:00, 10m, or 1h30m.');
      const until = Date.parse(at) - now;
      if (until < 0) return t('{0} is in the past.', inFull(at));
      return info(until > 0 ? t('{0}, in {1}', inFull(at), coarseRemaining(until)) : t('{0}: now', inFull(at)));
    },
  });
  const at = typed === undefined ? undefined : readTime(typed.trim(), Date.now());
  return at === undefined ? undefined : { at };
}

async function askCron(title: string): Promise<When | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    placeHolder: t('Minute, hour, day, month, weekday: "30 4 * * 1-5" means 4:30 from Monday to Friday'),
    value: '0 * * * *',
    ignoreFocusOut: true,
    validateInput: async (text) => {
      try {
        const times = await nextTimes(text.trim(), Date.now(), shown);
        return info(t('Minute, hour, day, month, weekday. Next: {0}', times.map((time) => inFull(time)).join(' · ')));
      } catch (error) {
        if (error instanceof BgJobsError) return error.message;
        throw error;
      }
    },
  });
  return typed === undefined ? undefined : { cron: typed.trim() };
}

function info(message: string): vscode.InputBoxValidationMessage {
  return { message, severity: vscode.InputBoxValidationSeverity.Info };
}

function inFull(time: string | number): string {
  const date = new Date(time);
  return date.toLocaleString([], {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(date.getFullYear() !== new Date().getFullYear() && { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
  });
}

export type Again = Pick<StartRequest, 'retry' | 'restart'>;

/** Prompts for what to do when the job has ended. @returns undefined when the user has canceled */
export async function askAgain(title: string): Promise<Again | undefined> {
  const attempts = (maxAttempts: number): Again => ({ retry: { maxAttempts } });
  const items: (vscode.QuickPickItem & { again: Again })[] = [
    { label: t('Do Nothing'), again: {} },
    { label: t('Retry on Failure, up to 3 Attempts'), again: attempts(3) },
    { label: t('Retry on Failure, up to 10 Attempts'), again: attempts(10) },
    {
      label: t('Restart on Failure'),
      description: t('up to 5 times per minute'),
      again: { restart: { policy: 'on-failure' } },
    },
    {
      label: t('Always Restart'),
      description: t('after success too, up to 5 times per minute'),
      again: { restart: { policy: 'always' } },
    },
  ];
  const options = { title, placeHolder: t('When the job ends'), ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.again;
}

/**
 * The next times of a pattern as the host reads it, in milliseconds since the epoch.
 * @throws BgJobsError `invalid_request` that says what is wrong with it
 */
async function nextTimes(cron: string, now: number, count: number): Promise<number[]> {
  const { checkCron, nextTime } = (await import(cronBundle)) as typeof Cron;
  checkCron(cron, undefined, now);
  const times: number[] = [];
  for (let after: number | null = now; times.length < count; times.push(after)) {
    after = nextTime(cron, undefined, after);
    if (after === null) break;
  }
  return times;
}
