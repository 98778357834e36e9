import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import type { StartRequest } from '../../api/options.ts';
import { cronBundle } from '../../bundles.ts';
import type * as Cron from '../../engine/queue/cron.ts';
import { coarseRemaining, readDuration, readTime } from '../../text/timeText.ts';
import { t } from '../base/l10n.ts';
import { askOne, askText } from './questions.ts';

export type When = Pick<StartRequest, 'at' | 'delayMs' | 'cron' | 'held'>;

/** @returns undefined when the user has gone back */
export async function askWhen(title: string): Promise<When | undefined> {
  const items = [
    { label: t('$(play) Now'), ask: () => ({}) },
    { label: t('$(clockface) At a Time…'), ask: () => askTime(title) },
    { label: t('$(calendar) On a Schedule…'), ask: () => askCron(title) },
    { label: t('$(lock) On Hold'), description: t('start it yourself later'), ask: () => ({ held: true }) },
  ];
  return (await askOne({ title, placeHolder: t('Select when to start the job') }, items))?.ask();
}

async function askTime(title: string): Promise<When | undefined> {
  const typed = await askText({
    title,
    prompt: t('Start time: 17:30, 2026-11-21 09:00, or 10m for 10 minutes from now'),
    validate: (text) => {
      if (text === '') return ' ';
      const now = Date.now();
      const at = readTime(text, now);
      if (at === undefined) return t('Enter a time such as 17:30, 2026-11-21 09:00, 10m, or 1h30m.');
      const until = Date.parse(at) - now;
      if (until < 0) return t('{0} is in the past.', inFull(at));
      return info(until > 0 ? t('{0}, in {1}', inFull(at), coarseRemaining(until)) : t('{0}: now', inFull(at)));
    },
  });
  if (typed === undefined) return undefined;
  const at = readTime(typed, Date.now());
  const delayMs = readDuration(typed);
  return at === undefined ? undefined : delayMs === undefined ? { at } : { delayMs };
}

async function askCron(title: string): Promise<When | undefined> {
  const typed = await askText({
    title,
    placeHolder: t('Minute, hour, day, month, weekday: "30 4 * * 1-5" means 4:30 from Monday to Friday'),
    value: '0 * * * *',
    validate: async (text) => {
      try {
        const times = await nextTimes(text, Date.now());
        return info(t('Minute, hour, day, month, weekday. Next: {0}', times.map(inFull).join(' · ')));
      } catch (error) {
        if (error instanceof BgJobsError) return error.message;
        throw error;
      }
    },
  });
  return typed === undefined ? undefined : { cron: typed };
}

/**
 * The next three times of a pattern as the host reads it, in milliseconds since the epoch.
 * @throws BgJobsError `invalid_request` that says what is wrong with it
 */
async function nextTimes(cron: string, now: number): Promise<number[]> {
  const { checkCron, nextTime } = (await import(cronBundle())) as typeof Cron;
  checkCron(cron, undefined, now);
  const times: number[] = [];
  for (let after: number | null = now; times.length < 3; times.push(after)) {
    after = nextTime(cron, undefined, after);
    if (after === null) break;
  }
  return times;
}

function info(message: string): vscode.InputBoxValidationMessage {
  return { message, severity: vscode.InputBoxValidationSeverity.Info };
}

export function inFull(time: string | number): string {
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

/** Prompts for what to do when the job has ended. @returns undefined when the user has gone back */
export async function askAgain(title: string): Promise<Pick<StartRequest, 'retry' | 'restart'> | undefined> {
  const [often, oftenInAnyCase] = [t('up to 5 times per minute'), t('after success too, up to 5 times per minute')];
  const items = [
    { label: t('Do Nothing'), again: {} },
    { label: t('Retry on Failure, up to 3 Attempts'), again: { retry: { maxAttempts: 3 } } },
    { label: t('Retry on Failure, up to 10 Attempts'), again: { retry: { maxAttempts: 10 } } },
    { label: t('Restart on Failure'), description: often, again: { restart: { policy: 'on-failure' as const } } },
    { label: t('Always Restart'), description: oftenInAnyCase, again: { restart: { policy: 'always' as const } } },
  ];
  return (await askOne({ title, placeHolder: t('When the job ends') }, items))?.again;
}
