import { isAbsolute, relative } from 'node:path';
import type { Job } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { capitalized, commandText, jobTitle, shorten } from '../../text/grammar.ts';
import { stateText, type Wording } from '../../text/stateText.ts';
import { aboutRows, type PageOptions } from '../../text/statusPage.ts';
import { coarseElapsed } from '../../text/timeText.ts';
import { commands, type CommandId } from '../base/ids.ts';
import { codeBlock, escapeMarkdown } from '../base/readableText.ts';

const longestCommand = 500;

/**
 * What a person wants to know of a job at a glance, as Markdown in which none of the job's own text is taken for Markdown,
 * and links to what can be done with it: these commands alone are to be trusted.
 * @param folders absolute paths of the workspace's folders: a folder in the only one is shown without it
 */
export function jobTooltip(
  job: Job,
  wording: Wording,
  about: Pick<PageOptions, 'relations' | 'outcome'> = {},
  folders: readonly string[] = [],
): { text: string; enabledCommands: CommandId[] } {
  const { t } = wording;
  const links: [string, CommandId][] = [
    [t('Show Output'), commands.showOutput],
    [t('Restart'), commands.restart],
    [t('Copy ID'), commands.copyId],
  ];
  const line = links
    .map(([label, command]) => `[${escapeMarkdown(label)}](${commandUri(command, job.id)})`)
    .join(' · ');
  const text = `${tooltipText(job, wording, about, folders)}\n\n---\n\n${line}`;
  return { text, enabledCommands: links.map(([, command]) => command) };
}

function tooltipText(
  job: Job,
  wording: Wording,
  about: Pick<PageOptions, 'relations' | 'outcome'>,
  folders: readonly string[],
): string {
  const { t, now } = wording;
  const ended =
    isEnded(job.status) && job.finishedAt !== null
      ? t('{0} ago', coarseElapsed(Math.max(0, now - Date.parse(job.finishedAt))))
      : '';
  const lines = [
    escapeMarkdown([capitalized(stateText(job, wording)), ended].filter((part) => part !== '').join(' · ')),
    escapeMarkdown(
      [shortFolder(job.cwd, folders), t('session "{0}"', job.session)].filter((part) => part !== '').join(' · '),
    ),
    ...aboutRows(job, wording, about).map(([label, text]) => `${escapeMarkdown(label)}: ${escapeMarkdown(text)}`),
  ];
  return [
    `**${escapeMarkdown(jobTitle(job))}**`,
    codeBlock(shorten(commandText(job), longestCommand)),
    lines.join('  \n'),
  ].join('\n\n');
}

/** Empty for the folder of the workspace itself. */
function shortFolder(cwd: string, [first, ...others]: readonly string[]): string {
  if (first === undefined || others.length > 0) return cwd;
  const path = relative(first, cwd);
  return path.startsWith('..') || isAbsolute(path) ? cwd : path;
}

function commandUri(command: CommandId, jobId: string): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify([jobId]))}`;
}
