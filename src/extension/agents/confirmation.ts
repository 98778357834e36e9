import type { Job } from '../../api/job.ts';
import type { StartRequest } from '../../api/options.ts';
import type { Question } from '../../agents/tools/tool.ts';
import { commandText, type Translate } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import { restartText, retryText, scheduleText } from '../../text/startText.ts';
import { conditionText } from '../../text/waitingText.ts';
import { codeBlock, codeLines } from '../base/markdown.ts';

export interface Confirmation {
  title: string;
  /** Markdown. */
  message: string;
}

/** What the person has to know besides the question. */
export interface Surroundings {
  /** The job that is meant, where one is. */
  job: Job | null;
  /** Whether the folder of a start belongs to no folder of the workspace. */
  isOutside: boolean;
}

/**
 * The card that the person answers. It says everything each time: the editor offers to allow a tool for the whole
 * session, and then shows none any more. All of it wraps: a block of code, or a long word, is cut off at the side of the
 * chat.
 */
export function confirmation(question: Question, { job, isOutside }: Surroundings, t: Translate): Confirmation {
  switch (question.kind) {
    case 'start':
      return {
        title: t('Start this background job?'),
        message: paragraphs(
          codeLines(commandOf(question.what)),
          ...scheduleLines(question.what, t),
          t('Folder: {0}', codeLines(question.what.cwd)),
          isOutside ? t('**This folder is outside the workspace.**') : '',
          t('Session: {0}', codeLines(question.what.session ?? '')),
          environment(question.what, t),
          readiness(question.what, t),
          question.what.envFile === undefined ? '' : t('Environment file: {0}', codeLines(question.what.envFile)),
          question.what.stdin?.type === 'text' ? `${t('Standard input:')}\n${codeBlock(question.what.stdin.text)}` : '',
        ),
      };
    case 'input':
      return {
        title: t('Send this input to a background job?'),
        message: paragraphs(codeLines(question.text), described(job, t)),
      };
    case 'kill':
      return {
        title: t('Kill this background job with {0}?', question.signal),
        message: paragraphs(described(job, t), question.requeue ? t('The job is put back into the queue.') : ''),
      };
    case 'cleanup':
      return { title: t('Remove finished background jobs and their logs?'), message: cleaned(question, t) };
  }
}

function commandOf(what: StartRequest): string {
  return commandText({ command: what.command ?? null, argv: what.argv ?? null });
}

function described(job: Job | null, t: Translate): string {
  if (!job) return '';
  const lines = [
    t('Job: {0}', codeLines(job.name === null ? job.shortId : `${job.shortId} ${job.name}`)),
    t('Command: {0}', codeLines(commandText(job))),
    t('Folder: {0}', codeLines(job.cwd)),
    t('Session: {0}', codeLines(job.session)),
  ];
  return paragraphs(...lines);
}

/** When, after what and how often it runs: what is confirmed once may run many times. */
function scheduleLines({ at, cron, timeZone, retry, restart, dependsOn = [] }: StartRequest, t: Translate): string[] {
  const repeats = restart && restart.policy !== 'never';
  const jobs = dependsOn.map(({ job, condition = 'succeeded' }) => `${job} ${conditionText(condition, t)}`);
  return [
    cron === undefined
      ? ''
      : t(
          '**Runs on a schedule until you stop it**: {0}',
          codeLines(scheduleText({ cron, timeZone: timeZone ?? null })),
        ),
    cron !== undefined || at === undefined ? '' : t('**Starts later**, at {0}', codeLines(at)),
    retry ? t('Retry: {0}', retryText(retry, t)) : '',
    repeats ? t('**Restarts**: {0}', restartText(restart, t)) : '',
    jobs.length === 0 ? '' : t('Depends on: {0}', codeLines(jobs.join(', '))),
  ];
}

function environment({ env = {} }: StartRequest, t: Translate): string {
  const changes = Object.entries(env).map(([name, value]) => (value === null ? `-${name}` : `${name}=${value}`));
  return changes.length === 0
    ? ''
    : `${t('Environment:')}\n\n${changes.map((one) => `- ${codeLines(one)}`).join('\n')}`;
}

/** The job host itself opens connections for it. */
function readiness({ readyWhen }: StartRequest, t: Translate): string {
  if (!readyWhen) return '';
  if ('pattern' in readyWhen) return t('Ready when the output matches: {0}', codeLines(readyWhen.pattern));
  if ('url' in readyWhen) return t('Ready when this URL responds: {0}', codeLines(readyWhen.url));
  if ('file' in readyWhen) return t('Ready when this file is created or changed: {0}', codeLines(readyWhen.file));
  return t('Ready when this port is open: {0}', codeLines(`${readyWhen.host ?? 'localhost'}:${readyWhen.port}`));
}

function cleaned(question: Extract<Question, { kind: 'cleanup' }>, t: Translate): string {
  const { session, status, olderThanMs, keep } = question;
  return paragraphs(
    session === null ? t('**In all sessions**') : t('Session: {0}', codeLines(session)),
    status === null ? '' : t('Only jobs with status: {0}', codeLines(status)),
    olderThanMs === null ? '' : t('Only jobs that finished at least this long ago: {0}', duration(olderThanMs)),
    keep === null ? '' : t('Newest jobs to keep: {0}', keep),
  );
}

function paragraphs(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
