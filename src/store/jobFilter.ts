import type { SQLInputValue } from 'node:sqlite';
import type { JobStatus, SortField } from '../api/values.ts';

export interface JobFilter {
  statuses?: readonly JobStatus[];
  session?: string;
  /** The key alone, or with the value that it must have. */
  tag?: { key: string; value?: string };
  /** Each of these. */
  tags?: readonly { key: string; value?: string }[];
  name?: string;
  /** Each of these texts, whatever the case of the letters A to Z. */
  contains?: readonly { field: 'name' | 'command' | 'session'; text: string }[];
  /** Of the current run. */
  exitCode?: number;
  /** Milliseconds since the epoch, the first included. */
  createdFrom?: number;
  createdBefore?: number;
  /** The id of the job that created it, or a prefix of the id. */
  schedule?: string;
  /** The row of an array: its tasks, instead of all that are no tasks; 'any': both. */
  array?: number | 'any';
  /** Every word of it occurs in the job. */
  text?: string;
  /** Rows below this one, or for the tasks of an array above it: the cursor of a page. */
  beyond?: number;
}

export interface Sort {
  by: SortField;
  descending: boolean;
}

/** The name of a job, as the index `jobsByName` has it. */
export const nameOfJob = "CASE WHEN json_valid(spec) THEN spec ->> '$.name' END";

const currentRun = 'FROM runs WHERE runs.job = jobs.row AND runs.number = jobs.run';
const exitCode = `(SELECT exitCode ${currentRun})`;
const startedAt = `coalesce(startedAt, (SELECT startedAt ${currentRun}))`;

/** What a job is sorted by: never null. :now stands for the time in milliseconds since the epoch. */
export const sortKeys: Readonly<Record<SortField, string>> = {
  created: 'row',
  started: `coalesce(${startedAt}, 0)`,
  ended: 'coalesce(finishedAt, 0)',
  // That of the run, where there is one: a job may have ended a run of which it waits for the next.
  duration: `coalesce((SELECT coalesce(finishedAt, :now) - startedAt ${currentRun}), coalesce(finishedAt, :now) - startedAt, -1)`,
  name: `coalesce(lower(${nameOfJob}), '')`,
  session: 'session',
  status: 'status',
  exit: `coalesce(${exitCode}, -1)`,
};

const texts = {
  name: nameOfJob,
  session: 'session',
  command: `CASE WHEN json_valid(spec) THEN concat_ws(' ', spec ->> '$.command', spec ->> '$.codingAgent.prompt',
    (SELECT group_concat(value, ' ') FROM json_each(spec, '$.argv'))) END`,
} as const;

/** What people call a status, beside its name. */
const statusWords = `CASE status WHEN 'completed' THEN 'succeeded' WHEN 'cancelled' THEN 'canceled' WHEN 'held' THEN 'on hold'
  WHEN 'timed_out' THEN 'timed out' WHEN 'pending' THEN 'waiting' WHEN 'killed' THEN 'stopped' END`;

/** All of a job that a text is looked for in. */
const words = `SELECT lower(concat_ws(char(10), job.name, job.command, job.prompt, session, status, ${statusWords},
    (SELECT group_concat(value, ' ') FROM json_each(job.argv)),
    (SELECT group_concat(key || '=' || value, ' ') FROM jobTags WHERE jobTags.job = jobs.row),
    (SELECT 'exit code ' || nullif(exitCode, 0) FROM runs WHERE runs.job = jobs.row AND runs.number = jobs.run))) AS words
  FROM (SELECT spec ->> '$.name' AS name, spec ->> '$.command' AS command, spec ->> '$.codingAgent.prompt' AS prompt,
    coalesce(spec -> '$.argv', '[]') AS argv) AS job LIMIT 1`;

/** What a job must have in which a plain word occurs: looked for first, which is quicker. */
const mayHave = `(instr(lower(spec), lower(?)) OR instr(lower(session), lower(?))
  OR instr(concat_ws(' ', status, ${statusWords}), lower(?)) OR (length(?) > 5 AND instr(id, lower(?)) = 1))`;

/** Whether a word is in the JSON of a job as it is in its texts, and can be in nothing that is put together. */
function isPlain(word: string): boolean {
  const lower = word.toLowerCase();
  return !/[="\\\x00-\x1f]/.test(word) && !/^\d+$/.test(word) && !['exit', 'code'].some((part) => part.includes(lower));
}

/**
 * SQLite does not know which statuses are rare. A plus keeps a column from being looked up in an index.
 * @param areFew find them by their status, instead of walking over all jobs of the session, or all there are, in order
 */
export function conditions(filter: JobFilter, areFew = false): { where: string; values: SQLInputValue[] } {
  const { statuses, session, schedule, array, text, beyond } = filter;
  const parts: [sql: string, ...values: SQLInputValue[]][] = [];
  if (array === undefined) parts.push(['array IS NULL']);
  else if (array !== 'any') parts.push(['array = ?', array]);
  if (statuses) parts.push([`${areFew ? '' : '+'}status IN (${placeholders(statuses)})`, ...statuses]);
  if (session !== undefined) parts.push([`${areFew ? '+' : ''}session = ?`, session]);
  if (filter.createdFrom !== undefined) parts.push(['createdAt >= ?', filter.createdFrom]);
  if (filter.createdBefore !== undefined) parts.push(['createdAt < ?', filter.createdBefore]);
  if (filter.name !== undefined) parts.push([`${nameOfJob} = ?`, filter.name]);
  if (filter.exitCode !== undefined) parts.push([`${exitCode} = ?`, filter.exitCode]);
  for (const { field, text } of filter.contains ?? []) parts.push([`instr(lower(${texts[field]}), lower(?))`, text]);
  for (const tag of [...(filter.tag ? [filter.tag] : []), ...(filter.tags ?? [])]) {
    const query = 'row IN (SELECT job FROM jobTags WHERE key = ?';
    if (tag.value === undefined) parts.push([`${query})`, tag.key]);
    else parts.push([`${query} AND value = ?)`, tag.key, tag.value]);
    parts.push(['json_valid(spec)']);
  }
  const sought = text?.split(/\s+/).filter((word) => word !== '') ?? [];
  if (sought.length > 0) {
    for (const word of sought.filter(isPlain)) parts.push([mayHave, ...Array.from({ length: 5 }, () => word)]);
    // Of an id only its beginning, where that is long enough to mean one: its digits are everywhere.
    const one = '(instr(words, lower(?)) OR (length(?) > 5 AND instr(id, lower(?)) = 1))';
    const all = sought.map(() => one).join(' AND ');
    const values = sought.flatMap((word) => [word, word, word]);
    parts.push([`CASE WHEN json_valid(spec) THEN (SELECT ${all} FROM (${words})) END`, ...values]);
  }
  if (schedule !== undefined) parts.push(["schedule >= ? AND schedule < ? || 'g'", schedule, schedule]);
  if (beyond !== undefined) parts.push([typeof array === 'number' ? 'row > ?' : 'row < ?', beyond]);
  const where = parts.map(([sql]) => sql).join(' AND ');
  return { where: where && `WHERE ${where}`, values: parts.flatMap(([, ...values]) => values) };
}

export function placeholders(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
