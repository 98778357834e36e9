import type { AgentEvent } from '../../api/codingAgent.ts';
import type { Job, Run } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { agentResultSentence } from '../../text/agentEvent.ts';
import { bytes } from '../../text/grammar.ts';
import { commandLine, duration, endWords, jobTitle, shorten, statusWord, type Localize } from '../base/jobWords.ts';
import { leftoversWords, readyWord } from './jobItem.ts';
import { dependencyWords, dependentWords, type Relations } from './relations.ts';
import { namesIn, waitingWords, type NameOf } from './waitingWords.ts';

/**
 * Everything about a job, as Markdown in which nothing of the job's own text is taken for Markdown.
 * @param result of a coding agent
 */
export function jobTooltip(
  job: Job,
  now: number,
  t: Localize,
  relations: Relations = { known: new Map(), dependents: [] },
  result?: AgentEvent,
): string {
  const rows = [...agentFacts(job, t, result), ...facts(job, now, t, relations)].filter(
    (row): row is [string, string] => Boolean(row[1]),
  );
  return [
    `**${escapeMarkdown(jobTitle(job))}**`,
    fence(shorten(commandLine(job), 2000)),
    rows.map(([name, value]) => `${escapeMarkdown(name)}: ${escapeMarkdown(value)}`).join('  \n'),
  ].join('\n\n');
}

function facts(job: Job, now: number, t: Localize, relations: Relations): [string, string | null | undefined][] {
  const run = job.runs.find(({ number }) => number === job.run);
  const nameOf = namesIn({ job: (id) => relations.known.get(id) });
  return [
    [t('Status'), statusLine(job, now, t, nameOf)],
    [t('Depends on'), dependencyWords(job, relations, t)],
    [t('Jobs that wait for it'), dependentWords(relations)],
    [t('Attempt'), attemptLine(job, t)],
    [t('Schedule'), scheduleLine(job, t)],
    [t('Next time'), job.status === 'scheduled' ? job.dueAt && localTime(job.dueAt) : null],
    [t('Made by the schedule'), job.schedule && nameOf(job.schedule)],
    [t('Mutex'), job.options.mutex],
    [t('Process'), isEnded(job.status) ? null : job.pid?.toString()],
    [t('Ready'), job.ready === null ? null : [readyWord(job, t), job.readyText].filter(Boolean).join(': ')],
    [t('Address'), job.url],
    [t('Session'), job.session],
    [t('Directory'), job.cwd],
    [t('Created'), localTime(job.createdAt)],
    [t('Started'), job.startedAt && localTime(job.startedAt)],
    [t('Finished'), job.finishedAt && localTime(job.finishedAt)],
    [t('Duration'), durationLine(job, now)],
    [t('Run'), job.run && job.run > 1 ? String(job.run) : null],
    [t('Output'), run && outputLine(run.stdoutBytes, run.stderrBytes, run.droppedBytes, t)],
    [t('Log'), run?.logs.stdout],
    [t('Log of stderr'), run?.logs.stderr],
    [t('Priority'), job.priority === 5 ? null : String(job.priority)],
    [t('Shell'), job.options.shell],
    [t('Environment'), job.options.env.join(', ')],
    [t('Time limit'), job.options.timeoutMs === null ? null : duration(job.options.timeoutMs)],
    [t('Limit without output'), job.options.idleTimeoutMs === null ? null : duration(job.options.idleTimeoutMs)],
    [t('Memory limit'), memoryLine(job, run, t)],
    [t('Nice value'), job.options.limits.nice?.toString()],
    [t('Input'), job.options.stdin === 'none' ? null : job.options.stdin],
    [
      t('Tags'),
      Object.entries(job.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    ],
    [t('Started by'), job.options.actor === 'agent' ? t('an agent') : null],
    [t('Pinned'), job.pinned ? t('yes') : null],
    [t('Id'), job.id],
  ];
}

function agentFacts({ codingAgent }: Job, t: Localize, result?: AgentEvent): [string, string | null][] {
  if (!codingAgent) return [];
  const { name, model, continues } = codingAgent;
  return [
    [t('Coding agent'), model === null ? name : `${name}, ${model}`],
    [t('Continues'), continues && continues.slice(0, 8)],
    [t('Result'), result ? agentResultSentence(result) : null],
    [t('Answer'), result?.status === 'completed' ? shorten(result.text, 500) : null],
  ];
}

function statusLine(job: Job, now: number, t: Localize, nameOf: NameOf): string {
  if (job.status === 'pending' || job.status === 'scheduled') return waitingWords(job, now, t, nameOf);
  if (!isEnded(job.status)) return statusWord(job.status, t);
  const end = endWords({ ...job, status: job.status }, t);
  if (job.leftovers.length === 0) return end;
  const names = job.leftovers.map(({ pid, command }) => `${pid} ${shorten(command, 60)}`).join(', ');
  return `${end}; ${leftoversWords(job.leftovers.length, t)} (${names})`;
}

/** Of jobs that are tried or started again. */
function attemptLine({ attempt, gaveUp, options: { retry, restart } }: Job, t: Localize): string | null {
  if (attempt === null || (!retry && !restart)) return null;
  const words = retry ? t('{0} of {1}', attempt, retry.maxAttempts) : String(attempt);
  return gaveUp ? t('{0}; it gave up', words) : words;
}

function scheduleLine({ options: { cron, timeZone } }: Job, t: Localize): string | null {
  if (cron === null) return null;
  return timeZone === null ? cron : t('{0} in {1}', cron, timeZone);
}

function durationLine(job: Job, now: number): string | null {
  if (job.durationMs !== null) return duration(job.durationMs);
  return job.startedAt === null || isEnded(job.status)
    ? null
    : duration(Math.floor((now - Date.parse(job.startedAt)) / 1000) * 1000);
}

function outputLine(stdout: number, stderr: number, dropped: number, t: Localize): string {
  const written = t('{0} stdout, {1} stderr', bytes(stdout), bytes(stderr));
  return dropped === 0 ? written : t('{0}, {1} dropped by its limit', written, bytes(dropped));
}

function memoryLine({ options }: Job, run: Run | undefined, t: Localize): string | null {
  const limit = options.limits.memoryBytes;
  if (limit === undefined) return null;
  const most = run?.maxMemoryBytes ?? null;
  return most === null ? bytes(limit) : t('{0}, at most {1} was seen', bytes(limit), bytes(most));
}

function localTime(time: string): string {
  return new Date(time).toLocaleString();
}

/** A backslash before every sign that could mean something; line ends become spaces. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]()#+\-.!|<>~&$:@/]/g, (sign) =>
      /[:@/]/.test(sign) ? `&#${sign.charCodeAt(0)};` : `\\${sign}`,
    );
}

/** A code block with a fence longer than any in the text. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}\n${text}\n${ticks}`;
}
