import {
  activeStatuses,
  endedStatuses,
  waitingStatuses,
  type EndReason,
  type EndedStatus,
  type JobStatus,
} from '../api/values.ts';
import { Table } from './database.ts';
import { placeholders } from './jobFilter.ts';
import type { JobRow, RawJobRow } from './jobTable.ts';
import { prefixOfTasks } from './newJobId.ts';

/** The tasks of a new array: their numbers, or an item for each, which are numbered from 1. */
export type NewTasks = { numbers: readonly number[] } | { items: readonly string[] };

const unfinished = [...waitingStatuses, ...activeStatuses];

/**
 * Queries on the rows of `jobs` that are tasks of an array, without any decision. `array` is the row of that array. Such a
 * row has no spec of its own: `Arrays` completes it from that of its array.
 */
export class TaskTable extends Table {
  /**
   * In one statement: a task costs a row and nothing else. Its id is that of the array with the task's number at the end,
   * so the folders of its runs tell which array they belong to.
   */
  insert({ row, id, session, createdAt }: Pick<JobRow, 'row' | 'id' | 'session' | 'createdAt'>, tasks: NewTasks): void {
    const [list, number, item] =
      'numbers' in tasks ? [tasks.numbers, 'value', 'NULL'] : [tasks.items, 'key + 1', 'value'];
    this.run(
      `INSERT INTO jobs (id, session, status, spec, createdAt, queuedAt, array, task, item)
       SELECT ?1 || printf('a%011d', ${number}), ?2, 'pending', '', ?3, ?3, ?4, ${number}, ${item} FROM json_each(?5)`,
      ...[prefixOfTasks(id), session, createdAt, row, JSON.stringify(list)],
    );
  }

  byNumber(array: number, task: number): RawJobRow | undefined {
    return this.get('SELECT * FROM jobs WHERE array = ? AND task = ?', array, task);
  }

  /** The first task that may start. Those that wait for another attempt have a time. */
  next(array: number): RawJobRow | undefined {
    const query = "SELECT * FROM jobs WHERE array = ? AND status = 'pending' AND dueAt IS NULL ORDER BY task LIMIT 1";
    return this.get(query, array);
  }

  hasNext(array: number): boolean {
    const query = "SELECT 1 FROM jobs WHERE array = ? AND status = 'pending' AND dueAt IS NULL LIMIT 1";
    return this.get(query, array) !== undefined;
  }

  hasActive(array: number): boolean {
    return this.#has(array, activeStatuses);
  }

  hasUnfinished(array: number): boolean {
    return this.#has(array, unfinished);
  }

  countByStatus(array: number): Partial<Record<JobStatus, number>> {
    const query = 'SELECT status, count(*) AS total FROM jobs WHERE array = ? GROUP BY status';
    const rows = this.all<{ status: JobStatus; total: number }>(query, array);
    return Object.fromEntries(rows.map(({ status, total }) => [status, total]));
  }

  /** Of all arrays that are under way. */
  active(): RawJobRow[] {
    return this.#underWay(`tasks.status IN (${placeholders(activeStatuses)})`, ...activeStatuses);
  }

  /** Of all arrays that are under way: tasks that wait for the time of another attempt. */
  delayed(): RawJobRow[] {
    return this.#underWay("tasks.status = 'pending' AND tasks.dueAt IS NOT NULL");
  }

  /** The tasks with processes that have outlived them, or whose orphans are still to be searched for. */
  withLeftovers(array: number): RawJobRow[] {
    return this.all(
      `SELECT * FROM jobs WHERE array = ? AND row IN (SELECT job FROM runs WHERE leftovers <> '[]')`,
      array,
    );
  }

  /** The ids of tasks that have run, with the number of their last run. */
  runs(array: number): { id: string; run: number }[] {
    return this.all('SELECT id, run FROM jobs WHERE array = ? AND run IS NOT NULL', array);
  }

  /** Puts ended tasks back into the queue. @returns their number */
  restart(array: number, statuses: readonly EndedStatus[], now: number): number {
    return this.run(
      `UPDATE jobs SET status = 'pending', queuedAt = ?, dueAt = NULL, series = coalesce(run, 0), gaveUp = 0,
         finishedAt = NULL, reason = NULL, reasonText = NULL
       WHERE array = ? AND status IN (${placeholders(statuses)})`,
      ...[now, array, ...statuses],
    );
  }

  /** Cancels the tasks that wait. @returns their number */
  cancelWaiting(array: number, now: number, reason: EndReason | null, reasonText: string | null): number {
    return this.run(
      `UPDATE jobs SET status = 'cancelled', finishedAt = ?, reason = ?, reasonText = ?, dueAt = NULL
       WHERE array = ? AND status IN (${placeholders(waitingStatuses)})`,
      ...[now, reason, reasonText, array, ...waitingStatuses],
    );
  }

  /** Who ended a task before its time, and why. */
  stoppedBy(array: number): Partial<Pick<RawJobRow, 'reason' | 'reasonText'>> {
    const query = `SELECT coalesce(runs.reason, jobs.reason) AS reason, coalesce(runs.reasonText, jobs.reasonText) AS reasonText
      FROM jobs LEFT JOIN runs ON jobs.status = 'killed' AND runs.job = jobs.row AND runs.number = jobs.run
      WHERE jobs.array = ? AND jobs.status IN ('killed', 'cancelled') LIMIT 1`;
    return this.get(query, array) ?? {};
  }

  /** The rows of the runs of a job, or of the tasks of an array. */
  runRows(job: number): number[] {
    const query = 'SELECT row FROM runs WHERE job = ?1 OR job IN (SELECT row FROM jobs WHERE array = ?1)';
    return this.all<{ row: number }>(query, job).map(({ row }) => row);
  }

  #underWay(condition: string, ...values: string[]): RawJobRow[] {
    return this.all(
      `SELECT tasks.* FROM jobs AS arrays JOIN jobs AS tasks ON tasks.array = arrays.row
       WHERE arrays.array IS NULL AND arrays.status = 'running' AND ${condition}`,
      ...values,
    );
  }

  #has(array: number, statuses: readonly JobStatus[]): boolean {
    const query = `SELECT 1 FROM jobs WHERE array = ? AND status IN (${placeholders(statuses)}) LIMIT 1`;
    return this.get(query, array, ...statuses) !== undefined;
  }
}

/** All but completed: what a person runs again when the others are done. */
export const incompleteStatuses = endedStatuses.filter((status) => status !== 'completed');
