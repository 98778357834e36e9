import { BgJobsError } from '../../api/errors.ts';
import { jobStatuses, sortFields, statusGroups, statusWords, type JobStatus } from '../../api/values.ts';
import type { JobFilter, Sort } from '../../store/jobFilter.ts';
import { readPast } from '../../text/timeText.ts';

const groups = new Map(Object.entries(statusGroups));
const signs = new Map<string, readonly JobStatus[]>(Object.entries(statusWords));

/**
 * @param text statuses or the groups `running`, `waiting`, `finished`, separated by commas
 * @throws BgJobsError `invalid_request`
 */
export function parseStatuses(text: string): JobStatus[] {
  return text.split(',').flatMap((word) => {
    const name = word.trim();
    const group = groups.get(name);
    if (group) return [...group];
    const status = jobStatuses.find((known) => known === name);
    if (status) return [status];
    const known = [...new Set([...groups.keys(), ...jobStatuses])];
    throw new BgJobsError('invalid_request', `Unknown status "${name}". Use one or more of ${known.join(', ')}.`);
  });
}

/** @param text `key=value`, or `key` for any value */
export function parseTag(text: string): NonNullable<JobFilter['tag']> {
  const at = text.indexOf('=');
  return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

interface Draft {
  statuses: JobStatus[];
  filter: JobFilter;
  sort?: Sort;
}

type Read = (draft: Draft, value: string, now: number) => void;

/** What can be asked of a job with `=` and with `~`. */
const fields: Readonly<Record<string, { is?: Read; contains?: Read }>> = {
  status: { is: ({ statuses }, value) => statuses.push(...parseStatuses(value)) },
  session: {
    is: ({ filter }, value) => (filter.session = value),
    contains: ({ filter }, text) => addContained(filter, 'session', text),
  },
  tag: { is: ({ filter }, value) => (filter.tags = [...(filter.tags ?? []), parseTag(value)]) },
  name: {
    is: ({ filter }, value) => (filter.name = value),
    contains: ({ filter }, text) => addContained(filter, 'name', text),
  },
  command: { contains: ({ filter }, text) => addContained(filter, 'command', text) },
  exit: {
    is: ({ filter }, value) => {
      if (!/^\d{1,10}$/.test(value)) throw invalid(`exit=${value}: an exit code is a whole number.`);
      filter.exitCode = Number(value);
    },
  },
  since: { is: ({ filter }, value, now) => (filter.createdFrom = timeOf('since', value, now)) },
  before: { is: ({ filter }, value, now) => (filter.createdBefore = timeOf('before', value, now)) },
  sort: {
    is: (draft, value) => {
      const descending = value.startsWith('-');
      const by = sortFields.find((known) => known === value.slice(descending ? 1 : 0));
      if (!by) throw invalid(`sort=${value}: use one of ${sortFields.join(', ')}, with - before it for the reverse.`);
      draft.sort = { by, descending };
    },
  },
};

/** A part of a query without spaces, other than in quotation marks. */
const word = /(?:[^\s"]|"[^"]*"?)+/g;

/**
 * Reads a query as people type it: `status=failed session=api tag=x since=1h sort=-duration name~text`, and `@failed` and
 * its like. Other words are looked for as text. Quotation marks keep spaces together.
 * @param now milliseconds since the epoch
 * @throws BgJobsError `invalid_request`
 */
export function parseQuery(query: string, now: number): { filter: JobFilter; sort: Sort | undefined } {
  const draft: Draft = { statuses: [], filter: {} };
  const text: string[] = [];
  for (const [whole] of query.matchAll(word)) {
    // Editors know a session and a tag by @session: and @tag:, too.
    const [, plain, sign, editors, rest = ''] = /^(?:([a-z]+)([=~])|@(session|tag):)(.*)$/s.exec(whole) ?? [];
    const key = plain ?? editors;
    const known = signs.get(whole);
    if (known) draft.statuses.push(...known);
    else if (key === undefined) text.push(whole.replaceAll('"', ''));
    else readField(draft, key, sign === '~' ? 'contains' : 'is', rest.replaceAll('"', ''), now);
  }
  const { statuses, filter, sort } = draft;
  return {
    filter: { ...filter, ...(statuses.length > 0 && { statuses }), ...(text.length > 0 && { text: text.join(' ') }) },
    sort,
  };
}

function readField(draft: Draft, key: string, how: 'is' | 'contains', value: string, now: number): void {
  const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (!field) {
    const text = `Unknown field "${key}". Use ${Object.keys(fields).join(', ')}, or quotation marks to look for a text.`;
    throw invalid(text);
  }
  const read = field[how];
  if (!read) throw invalid(`${key} is compared with ${field.is ? '=' : '~'}.`);
  if (value === '') throw invalid(`${key}: give a value.`);
  read(draft, value, now);
}

function addContained(
  filter: JobFilter,
  field: NonNullable<JobFilter['contains']>[number]['field'],
  text: string,
): void {
  filter.contains = [...(filter.contains ?? []), { field, text }];
}

function timeOf(key: string, value: string, now: number): number {
  const time = readPast(value, now);
  if (time !== undefined) return time;
  const text = 'use a duration such as 1h, or a time such as 17:30, 2026-11-20 or 2026-11-20T17:30:00Z.';
  throw invalid(`${key}=${value}: ${text}`);
}

function invalid(text: string): BgJobsError {
  return new BgJobsError('invalid_request', `q: ${text}`);
}

/** What stands for the place of a job in a sorted list: its key, its row, and the time that durations count to. */
export interface SortCursor {
  key: string | number;
  row: number;
  now: number;
}

export function sortCursorText({ key, row, now }: SortCursor): string {
  return Buffer.from(JSON.stringify([key, row, now])).toString('base64url');
}

/** @returns undefined for anything else */
export function readSortCursor(text: string): SortCursor | undefined {
  try {
    const [key, row, now] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const isKey = typeof key === 'string' || typeof key === 'number';
    return isKey && typeof row === 'number' && typeof now === 'number' ? { key, row, now } : undefined;
  } catch {
    return undefined;
  }
}
