import { realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import type { EditorToolName } from '../../agents/tools/names.ts';
import type { Question } from '../../agents/tools/tool.ts';
import type { Job } from '../../api/job.ts';
import type { StartRequest } from '../../api/options.ts';
import { commandText, shorten, type Translate } from '../../text/grammar.ts';
import { conditionText } from '../../text/stateText.ts';
import { restartText, retryText, scheduleText } from '../../text/statusPage.ts';
import { duration } from '../../text/timeText.ts';
import { code, codeBlock, codeLines } from '../base/readableText.ts';

/**
 * The card that the person answers, in Markdown. It says everything each time: the editor offers to allow a tool for the
 * whole session, and then shows none any more. All of it wraps: a block of code, or a long word, is cut off at the side
 * of the chat.
 * `job` is the one that is meant, and `isOutside` tells that the folder of a start is outside the workspace.
 */
export function confirmation(
  question: Question,
  { job, isOutside }: { job: Job | null; isOutside: boolean },
  t: Translate,
): { title: string; message: string } {
  switch (question.kind) {
    case 'start':
      return { title: t('Start this background job?'), message: startLines(question.what, isOutside, t) };
    case 'input':
      return {
        title: t('Send this input to a background job?'),
        message: paragraphs(codeLines(question.text), ...jobLines(job, t)),
      };
    case 'kill':
      return {
        title:
          question.signal === 'SIGTERM'
            ? t('Stop this background job?')
            : t('Send {0} to this background job?', question.signal),
        message: paragraphs(...jobLines(job, t), question.requeue ? t('The job is put back into the queue.') : ''),
      };
    case 'cleanup':
      return { title: t('Remove finished background jobs and their logs?'), message: cleaned(question, t) };
  }
}

function startLines(what: StartRequest, isOutside: boolean, t: Translate): string {
  const { command = null, argv = null, cwd, session = '', envFile, stdin } = what;
  return paragraphs(
    codeLines(commandText({ command, argv })),
    ...scheduleLines(what, t),
    t('Folder: {0}', codeLines(cwd)),
    isOutside ? t('**This folder is outside the workspace.**') : '',
    t('Session: {0}', codeLines(session)),
    environment(what, t),
    readiness(what, t),
    envFile === undefined ? '' : t('Environment file: {0}', codeLines(envFile)),
    stdin?.type === 'text' ? `${t('Standard input:')}\n${codeBlock(stdin.text)}` : '',
  );
}

function jobLines(job: Job | null, t: Translate): string[] {
  if (!job) return [];
  return [
    t('Job: {0}', codeLines(job.name === null ? job.shortId : `${job.shortId} ${job.name}`)),
    t('Command: {0}', codeLines(commandText(job))),
    t('Folder: {0}', codeLines(job.cwd)),
    t('Session: {0}', codeLines(job.session)),
  ];
}

/** When, after what and how often it runs: what is confirmed once may run many times. */
function scheduleLines(what: StartRequest, t: Translate): string[] {
  const { at, cron, timeZone = null, retry, restart, dependsOn = [] } = what;
  const jobs = dependsOn.map(({ job, condition = 'succeeded' }) => `${job} ${conditionText(condition, t)}`);
  return [
    cron === undefined
      ? ''
      : t('**Runs on a schedule until you stop it**: {0}', codeLines(scheduleText({ cron, timeZone }))),
    cron !== undefined || at === undefined ? '' : t('**Starts later**, at {0}', codeLines(at)),
    retry ? t('Retry: {0}', retryText(retry, t)) : '',
    restart && restart.policy !== 'never' ? t('**Restarts**: {0}', restartText(restart, t)) : '',
    jobs.length === 0 ? '' : t('Depends on: {0}', codeLines(jobs.join(', '))),
  ];
}

function environment({ env = {} }: StartRequest, t: Translate): string {
  const changes = Object.entries(env).map(([name, value]) => (value === null ? `-${name}` : `${name}=${value}`));
  if (changes.length === 0) return '';
  return `${t('Environment:')}\n\n${changes.map((one) => `- ${codeLines(one)}`).join('\n')}`;
}

/** The job host itself opens connections for it. */
function readiness({ readyWhen }: StartRequest, t: Translate): string {
  if (!readyWhen) return '';
  if (readyWhen === 'listening' || 'listening' in readyWhen) return t('Ready when it listens on a port');
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

/**
 * What the chat shows of a call, while it runs and for ever after: so it tells neither that it is under way nor that it
 * is done.
 * @param subject the command of a start, else the job's id; null where there is none
 */
export function invocationMessage(name: EditorToolName, subject: string | null, t: Translate): string {
  const what = subject === null ? '' : code(shorten(subject, 200));
  const messages: Record<EditorToolName, string> = {
    start_job: t('Start of background job {0}', what),
    list_jobs: t('List of background jobs'),
    get_job_status: t('Status of background job {0}', what),
    get_job_output: t('Output of background job {0}', what),
    wait_for_job: t('Wait for background job {0}', what),
    send_job_input: t('Input for background job {0}', what),
    kill_job: t('Stop of background job {0}', what),
    cleanup_jobs: t('Removal of finished background jobs'),
  };
  return messages[name];
}

/**
 * Whether a start does more than its command shows, or runs later or repeatedly: then no pattern can allow it, because
 * allowing a command means running it now, and once.
 */
export function isMoreThanCommand(what: StartRequest, isOutside: boolean): boolean {
  const { env = {}, envFile, stdin, at, delayMs, cron, restart } = what;
  const changesWhatRuns = Object.keys(env).length > 0 || envFile !== undefined || stdin?.type === 'text';
  const runsLater = (at ?? delayMs ?? cron) !== undefined || (restart !== undefined && restart.policy !== 'never');
  return isOutside || changesWhatRuns || runsLater;
}

/** Whether a path is one of the folders or lies in one, links followed. A path that is not there is in none. */
export function isInFolders(path: string, folders: readonly string[]): boolean {
  const real = realPath(path);
  return folders.map(realPath).some((folder) => {
    if (real === null || folder === null) return false;
    const way = relative(folder, real);
    return way.split(/[/\\]/)[0] !== '..' && !isAbsolute(way);
  });
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
