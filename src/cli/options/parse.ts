/**
 * `cli/options` declares the options that several verbs share, parses their values and turns them into requests. `verbs`
 * imports it; it imports `cli/base`, `api` and `text`.
 */

import { InvalidArgumentError, Option } from 'commander';
import type { Dependency } from '../../api/options.ts';
import { dependencyConditions } from '../../api/values.ts';
import { readDuration, readTime } from '../../text/timeText.ts';

/** The id of a task of an array, or the id itself without a number. */
export function taskId(id: string, task: number | undefined): string {
  return task === undefined ? id : `${id}:${task}`;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each option has a type of its own
export type Parser = (text: string, before?: any) => unknown;

/**
 * An option whose value becomes a field of the request, where its flag has another name.
 * @param path the field, or a field of an object: `limits.nice`
 * @param values what reads the text, or the only texts that are allowed
 */
export function field(path: string, flags: string, description: string, values?: Parser | readonly string[]): Option {
  const [name = '', member] = path.split('.');
  const option = new Option(flags, description);
  option.attributeName = () => name;
  if (typeof values === 'function') option.argParser(values);
  else if (values) option.choices(values);
  const parse = option.parseArg as Parser | undefined;
  if (member === undefined || !parse) return option;
  return option.argParser<object | undefined>((text, before) => ({ ...before, [member]: parse(text) }));
}

/** @see readDuration @returns milliseconds */
export function parseDuration(text: string): number {
  const duration = readDuration(text);
  if (duration !== undefined) return duration;
  throw new InvalidArgumentError('Use a form like 30s, 5m, 1h30m, 500ms or 2d, or a number of seconds.');
}

/** @see readTime @returns ISO 8601 in UTC */
export function parseTime(text: string, now: number): string {
  const time = readTime(text, now);
  if (time !== undefined) return time;
  throw new InvalidArgumentError(
    'Use 2026-11-20T17:30:00Z, 2026-11-20 17:30 or 17:30 in local time, or a duration from now such as 10m.',
  );
}

/** When a job starts: at a time, or after a duration, which does not change with the clock. */
export function parseStart(text: string, now: number): { at: string } | { delayMs: number } {
  const at = parseTime(text, now);
  const delayMs = readDuration(text);
  return delayMs === undefined ? { at } : { delayMs };
}

const sizePowers = ['', 'K', 'M', 'G', 'T'];

/** `64K`, `256M`, `1.5G`, or a plain number of bytes; K is 1024. @returns bytes */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)(?:iB|B)?$/i.exec(text);
  if (!match) throw new InvalidArgumentError('Use a form like 64K, 256M or 1G, or a number of bytes.');
  return Math.round(Number(match[1]) * 1024 ** sizePowers.indexOf((match[2] ?? '').toUpperCase()));
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError('It must be a whole number without a sign.');
}

export function parseInteger(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number; a sign is allowed.');
}

/** Collects a repeated `--env`: NAME=VALUE sets, NAME- removes (null). */
export function collectEnvironment(
  text: string,
  before: Record<string, string | null> = {},
): Record<string, string | null> {
  const equals = text.indexOf('=');
  if (equals > 0) return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
  if (equals < 0 && text.length > 1 && text.endsWith('-')) return { ...before, [text.slice(0, -1)]: null };
  throw new InvalidArgumentError('Use NAME=VALUE to set a variable, NAME- to remove it.');
}

/** Collects a repeated `--secret`. */
export function collectNames(name: string, before: string[] = []): string[] {
  if (name === '' || name.includes('=')) throw new InvalidArgumentError('Use the NAME of a variable that is set here.');
  return [...before, name];
}

/** Collects a repeated `--tag`. */
export function collectTag(text: string, before: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('Use KEY=VALUE.');
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}

/** What completion offers for an `--after`. */
export const dependencyOffer = { jobs: { status: 'waiting,running' }, then: dependencyConditions } as const;

/** Collects a repeated `--after`: ID or ID:CONDITION. @param before false after `--no-after` */
export function collectDependency(text: string, before: Dependency[] | false = []): Dependency[] {
  const colon = text.lastIndexOf(':');
  const condition = dependencyConditions.find((one) => one === text.slice(colon + 1));
  if (colon > 0 && condition) return [...(before || []), { job: text.slice(0, colon), condition }];
  // A name may have colons of its own; an id has none.
  const isName = colon < 0 ? text !== '' : colon > 0 && !/^[\da-f-]+:/i.test(text);
  if (isName) return [...(before || []), { job: text, condition: 'succeeded' }];
  const conditions = dependencyConditions.join(', ');
  throw new InvalidArgumentError(
    `Use ID or ID:CONDITION, where CONDITION is one of ${conditions} (default succeeded).`,
  );
}
