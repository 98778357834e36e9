import type { Job } from '../api/job.ts';
import { quoteArgument } from './quoting.ts';

/** Fills in `{0}`, `{1}`, …: `vscode.l10n.t` in the editor, {@link english} elsewhere. */
export type Translate = (message: string, ...values: (string | number)[]) => string;

/** The messages as they stand in the code. */
export const english: Translate = (message, ...values) =>
  message.replace(/\{(\d+)\}/g, (_, index) => String(values[Number(index)]));

/** C0, DEL and C1, and what changes the order or the lines of a text: the marks and overrides of directions. */
const controls = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** On one line, without control characters: a job's name must not control the reader's terminal. */
export function oneLine(text: string): string {
  return text.replace(controls, (character) => named[character] ?? escapeOf(character));
}

/** The same, with its line ends and tabs. */
export function visible(text: string): string {
  return text.replace(controls, (sign) => (/[\n\t]/.test(sign) ? sign : (named[sign] ?? escapeOf(sign))));
}

/** A document in JSON, whose texts do not control a terminal that shows it. */
export function safeJson(document: unknown): string {
  const unicode = (character: string): string => `\\u${hex(character, 4)}`;
  return JSON.stringify(document).replace(controls, unicode);
}

function escapeOf(character: string): string {
  return character < '\u0100' ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0');
}

type Command = Pick<Job, 'command' | 'argv'>;

/** As it would be typed into a POSIX shell, for a terminal or a list: on one line. */
export function commandLine(job: Command): string {
  return oneLine(commandText(job));
}

/** The same with its line ends and control characters. */
export function commandText({ command, argv }: Command): string {
  return command ?? (argv ?? []).map(quoteArgument).join(' ');
}

/** A job's name, or the first line of its command or of its coding agent's prompt. */
export function jobTitle(job: Pick<Job, 'name' | 'command' | 'argv' | 'codingAgent'>): string {
  if (job.name !== null) return oneLine(job.name.replace(/\s+/g, ' '));
  const { codingAgent } = job;
  const line = visible(codingAgent ? `${codingAgent.name}: ${codingAgent.prompt.trim()}` : commandText(job)).trim();
  const end = line.indexOf('\n');
  return end < 0 ? shorten(line, 120) : `${shorten(line.slice(0, end).trimEnd(), 119)}…`;
}

export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** With a capital letter, as the beginning of a sentence. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function plural(count: number, singular: string, several = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : several}`;
}

/** `512 B`, `1.5 MiB` */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(count) / 10), units.length);
  return `${(count / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** What is not empty, with commas between. */
export function joined(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}
