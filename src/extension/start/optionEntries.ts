import type { Job } from '../../api/job.ts';
import type { Dependency } from '../../api/options.ts';
import { bytes, commandText, shorten } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import {
  askCommand,
  askEnvironment,
  askFolder,
  askMemory,
  askName,
  askPriority,
  askReady,
  askTimeLimit,
  type Changes,
} from './optionQuestions.ts';
import { placeText } from './placeText.ts';
import { askRunner, runnerText } from './runnerQuestion.ts';
import { askAgain, askWhen, inFull } from './whenQuestions.ts';

type Request = JobStart['request'];

export interface PageQuestion {
  title: string;
  /** Lets the user select jobs to wait for. @returns undefined when the user has gone back */
  pickDependencies: (before: readonly Dependency[]) => Promise<Dependency[] | undefined>;
  /** Variables that the job had and whose values are no longer known. */
  lostVariables?: readonly string[];
  /** The job that is edited, which has not started: options that can't be changed then have no entry. */
  edited?: Job;
}

/** A line of the page. */
export interface OptionEntry {
  icon: string;
  label: string;
  value: string;
  /** @returns undefined when nothing is changed */
  edit: (start: JobStart, question: PageQuestion) => Promise<JobStart | undefined>;
}

type Ask = (request: Request, question: PageQuestion) => Promise<Changes | undefined>;

export function optionEntries(
  { request }: JobStart,
  { lostVariables: lost = [], edited }: PageQuestion,
): OptionEntry[] {
  const {
    name,
    cwd,
    env = {},
    dependsOn = [],
    timeoutMs,
    limits = {},
    priority = 5,
    stdin,
    tty,
    codingAgent,
  } = request;
  const entry = (icon: string, label: string, value: string, ask: Ask): OptionEntry => ({
    icon,
    label,
    value: withoutIcons(shorten(value, 100)),
    edit: async (start, question) => {
      const changes = await ask(start.request, question);
      return changes && { ...start, request: changed(start.request, changes) };
    },
  });
  const none = t('none');
  const line = codingAgent ? codingAgent.prompt : commandText({ command: null, argv: null, ...onlyCommand(request) });
  const lostText = lost.length > 0 ? t('These environment values are no longer known: {0}', lost.join(', ')) : '';
  const names = [...new Set([...(edited?.options.env ?? []), ...Object.keys(env)])];
  const variables = names.length > 0 ? names.join(', ') : lostText === '' ? t('no changes') : '';
  const unlessEdited = (...entries: OptionEntry[]): OptionEntry[] => (edited ? [] : entries);
  return [
    ...((codingAgent ?? edited?.codingAgent) ? [] : [entry('terminal', t('Command'), line, askCommand)]),
    entry('tag', t('Name'), name ?? none, askName),
    entry('folder', t('Folder'), placeText(cwd) || cwd, askFolder),
    entry('symbol-variable', t('Environment'), [variables, lostText].filter(Boolean).join(' · '), askEnvironment),
    ...unlessEdited(
      entry('clockface', t('When'), whenText(request), ({ dependsOn: after }, { title }) => askWhenOf(title, after)),
    ),
    // A schedule waits for its times alone.
    ...(request.cron === undefined ? [entry('type-hierarchy', t('After'), afterText(dependsOn), askAfter)] : []),
    ...unlessEdited(
      entry('debug-rerun', t('When It Ends'), againText(request), async (_, { title }) => {
        const again = await askAgain(title);
        return again && { retry: undefined, restart: undefined, ...again };
      }),
    ),
    entry('watch', t('Time Limit'), timeoutMs === undefined ? none : duration(timeoutMs), askTimeLimit),
    entry('chip', t('Memory Limit'), limits.memoryBytes ? bytes(limits.memoryBytes) : none, askMemory),
    entry('list-ordered', t('Priority'), priority === 5 ? t('{0} (default)', priority) : String(priority), askPriority),
    ...unlessEdited(
      entry('pass', t('Ready When'), readyText(request), askReady),
      ...(process.platform === 'win32'
        ? []
        : [
            entry('server', t('Where It Runs'), runnerText(request), askRunner),
            entry('window', t('Terminal'), tty ? t('its own') : none, toggleTerminal),
          ]),
      entry(
        'keyboard',
        t('Standard Input'),
        stdin?.type === 'pipe' || tty ? t('open, for Send Input') : t('closed'),
        toggleInput,
      ),
    ),
  ];
}

function onlyCommand({ command, argv }: Request): { command?: string; argv?: string[] } {
  return { ...(command !== undefined && { command }), ...(argv !== undefined && { argv }) };
}

function changed(request: Request, changes: Changes): Request {
  const merged = Object.entries({ ...request, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(merged) as Request;
}

async function askWhenOf(title: string, after: Changes['dependsOn']): Promise<Changes | undefined> {
  const when = await askWhen(title);
  if (!when) return undefined;
  const dependsOn = when.cron === undefined ? after : undefined;
  return { at: undefined, delayMs: undefined, cron: undefined, held: undefined, ...when, dependsOn };
}

async function askAfter({ dependsOn = [] }: Request, { pickDependencies }: PageQuestion): Promise<Changes | undefined> {
  const after = await pickDependencies(dependsOn.map(({ job, condition = 'succeeded' }) => ({ job, condition })));
  return after && { dependsOn: after.length > 0 ? after : undefined };
}

async function toggleInput({ stdin, tty }: Request): Promise<Changes> {
  if (tty) return {};
  return Promise.resolve({ stdin: stdin?.type === 'pipe' ? undefined : { type: 'pipe' } });
}

/** Input is typed into a terminal. */
async function toggleTerminal({ tty }: Request): Promise<Changes> {
  return Promise.resolve(
    tty ? { tty: undefined, terminalSize: undefined } : { tty: true, stdin: undefined, capture: undefined },
  );
}

function whenText({ at, delayMs, cron, held }: Request): string {
  if (at !== undefined) return inFull(at);
  if (delayMs !== undefined) return t('in {0}', duration(delayMs));
  if (cron !== undefined) return t('schedule {0}', cron);
  return held === true ? t('on hold') : t('now');
}

function afterText(dependsOn: readonly unknown[]): string {
  if (dependsOn.length === 0) return t("don't wait");
  return dependsOn.length === 1 ? t('1 job') : t('{0} jobs', dependsOn.length);
}

function againText({ retry, restart }: Request): string {
  if (retry) return t('retry on failure, up to {0} attempts', retry.maxAttempts);
  if (restart) return restart.policy === 'always' ? t('always restart') : t('restart on failure');
  return t('do nothing');
}

function readyText({ readyWhen }: Request): string {
  if (readyWhen === undefined) return t('when it has started');
  if (readyWhen === 'listening' || 'listening' in readyWhen) return t('it listens on a port');
  if ('port' in readyWhen) return t('port {0} accepts connections', readyWhen.port);
  if ('url' in readyWhen) return t('{0} answers', readyWhen.url);
  if ('file' in readyWhen) return t('{0} is created or changed', readyWhen.file);
  return t('the output matches {0}', readyWhen.pattern);
}
