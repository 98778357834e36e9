import type { DatabaseSync } from 'node:sqlite';
import type { EventType } from '../api/events.ts';
import { endedStatuses, isEnded, isWaiting, type EndReason, type JobStatus } from '../api/values.ts';
import { parseSpec, type JobRow, type JobSpec, type JobTable, type RawJobRow } from './jobTable.ts';
import { taskSpec } from './taskSpec.ts';
import { incompleteStatuses, TaskTable, type NewTasks } from './taskTable.ts';

export interface Cause {
  reason?: EndReason | null;
  text?: string | null;
}

/** What the store lends: a transaction around a change, an event within it, and a notice after it. */
interface Change {
  change: <T>(jobId: string, work: () => T) => T;
  event: (
    type: EventType,
    job: Pick<JobRow, 'id' | 'session' | 'run'>,
    detail: Cause & { fromStatus?: JobStatus; toStatus?: JobStatus },
  ) => void;
  notify: (jobId: string) => void;
  now: () => number;
}

/** The part of the store that is used here. */
interface Jobs {
  readonly jobs: JobTable;
  createJob(id: string, spec: JobSpec, dueAt: number | null): JobRow;
  moveJob(job: JobRow, to: 'pending'): void;
}

/**
 * Arrays: jobs that have tasks in place of runs. A task is a job like any other, whose row has little of its own. The
 * status of an array follows from those of its tasks and is stored in the transaction in which they change, so that no
 * crash comes between.
 */
export class Arrays {
  readonly tasks: TaskTable;
  readonly #store: Jobs;
  readonly #change: Change;
  /** The rows of arrays whose tasks have changed since the transaction began. */
  readonly #touched = new Set<number>();
  #last: { text: string; spec: JobSpec | undefined } = { text: '', spec: undefined };

  constructor(database: DatabaseSync, store: Jobs, change: Change) {
    this.tasks = new TaskTable(database);
    this.#store = store;
    this.#change = change;
  }

  /** The array and all its tasks, with one event. @param dueAt when it is to start, in milliseconds since the epoch */
  create(id: string, spec: JobSpec, tasks: NewTasks, dueAt: number | null): JobRow {
    return this.#change.change(id, () => {
      const array = this.#store.createJob(id, spec, dueAt);
      this.tasks.insert(array, tasks);
      return array;
    });
  }

  /** Parses a row of the table; that of a task is completed from its array. @returns undefined if the record is damaged */
  read(raw: RawJobRow): JobRow | undefined {
    const { array, item, ...row } = raw;
    const flags = { pinned: raw.pinned === 1, gaveUp: raw.gaveUp === 1 };
    if (array === null) {
      const spec = parseSpec(raw.spec);
      return spec && { ...row, ...flags, spec, task: null };
    }
    const found = this.#store.jobs.byRow(array);
    // Mostly that of the task before.
    if (found && this.#last.text !== found.spec) this.#last = { text: found.spec, spec: parseSpec(found.spec) };
    const { spec } = this.#last;
    if (!found || !spec?.array || raw.task === null) return undefined;
    const { maxRunning = null } = spec.array;
    const task = { array: found.id, row: found.row, number: raw.task, item, maxRunning };
    return { ...row, ...flags, spec: taskSpec(spec, task), task };
  }

  /** Puts tasks that have ended back into the queue: all, or those that have not completed. @returns their number */
  restart(array: JobRow, onlyIncomplete: boolean): number {
    const { change, event, now } = this.#change;
    const statuses = onlyIncomplete ? incompleteStatuses : endedStatuses;
    return change(array.id, () => {
      const count = this.tasks.restart(array.row, statuses, now());
      if (count === 0) return 0;
      if (isEnded(array.status)) this.#store.moveJob(array, 'pending');
      event('updated', array, { text: `${count} tasks restarted` });
      return count;
    });
  }

  /** Cancels the tasks that wait, with one event for all of them. @returns their number */
  cancelWaiting(array: JobRow, { reason = null, text = null }: Cause): number {
    const { change, event, now } = this.#change;
    const count = change(array.id, () => {
      const cancelled = this.tasks.cancelWaiting(array.row, now(), reason, text);
      if (cancelled > 0) event('updated', array, { reason, text: `${cancelled} tasks canceled` });
      this.#touched.add(array.row);
      return cancelled;
    });
    const { status, finishedAt, reason: why, reasonText, startedAt } = this.#store.jobs.byRow(array.row) ?? array;
    Object.assign(array, { status, finishedAt, reason: why, reasonText, startedAt });
    return count;
  }

  /** A job has changed in the transaction under way. Between two states under way nothing follows for its array. */
  noteMove({ task }: JobRow, from: JobStatus, to: JobStatus): void {
    if (task && (isWaiting(from) || isEnded(from) || isEnded(to))) this.#touched.add(task.row);
  }

  /** At the end of the transaction, with its result: arrays whose tasks have changed follow. */
  settled<T>(result: T): T {
    for (const row of this.#touched) {
      const array = this.#store.jobs.byRow(row);
      if (array) this.#settleOne(array);
    }
    this.#touched.clear();
    return result;
  }

  #settleOne(array: RawJobRow): void {
    const { event, notify, now } = this.#change;
    const { status: from, row } = array;
    const to = this.#statusAfter(array);
    if (to === from) return;
    const { reason = null, reasonText = null } = to === 'killed' || to === 'cancelled' ? this.tasks.stoppedBy(row) : {};
    const finishedAt = isEnded(to) ? now() : null;
    const startedAt = array.startedAt ?? (to === 'cancelled' ? null : now());
    this.#store.jobs.update(row, { status: to, startedAt, finishedAt, reason, reasonText }, from);
    event('status', array, { fromStatus: from, toStatus: to, reason, text: reasonText });
    notify(array.id);
  }

  #statusAfter({ row, status }: RawJobRow): JobStatus {
    const { tasks } = this;
    if (isWaiting(status) && tasks.hasActive(row)) return 'running';
    if (tasks.hasUnfinished(row)) return isWaiting(status) ? status : 'running';
    const counts = tasks.countByStatus(row);
    const has = (...statuses: JobStatus[]): boolean => statuses.some((one) => counts[one] !== undefined);
    if (has('failed', 'timed_out', 'lost')) return 'failed';
    if (!has('killed', 'cancelled')) return 'completed';
    return has('killed', 'completed') ? 'killed' : 'cancelled';
  }
}
