import type { DatabaseSync } from 'node:sqlite';
import type { EventType } from '../api/events.ts';
import type { EndReason, JobStatus } from '../api/values.ts';
import { statementsOf, type Statements } from './database.ts';
import type { RunEnd } from './runTable.ts';

/** An event as it is stored. Time in milliseconds since the epoch. */
export interface EventRow {
  seq: number;
  time: number;
  type: EventType;
  jobId: string;
  run: number | null;
  session: string;
  fromStatus: JobStatus | null;
  toStatus: JobStatus | null;
  reason: EndReason | null;
  text: string | null;
}

type NewEvent = Pick<EventRow, 'time' | 'type' | 'jobId' | 'run' | 'session'> &
  Partial<Pick<EventRow, 'fromStatus' | 'toStatus' | 'reason' | 'text'>>;

/** The append-only table `events`. */
export class EventTable {
  readonly #sql: Statements;

  constructor(database: DatabaseSync) {
    this.#sql = statementsOf(database);
  }

  append(event: NewEvent): void {
    const { time, type, jobId, run, session, fromStatus = null, toStatus = null, reason = null, text = null } = event;
    this.#sql(
      'INSERT INTO events (time, type, jobId, run, session, fromStatus, toStatus, reason, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(time, type, jobId, run, session, fromStatus, toStatus, reason, text);
  }

  /** Oldest first. @param jobId only the events of this job */
  after(seq: number, limit: number, jobId?: string): EventRow[] {
    const rows =
      jobId === undefined
        ? this.#sql('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT +?').all(seq, limit)
        : this.#sql('SELECT * FROM events WHERE seq > ? AND jobId = ? ORDER BY seq LIMIT +?').all(seq, jobId, limit);
    return rows as unknown as EventRow[];
  }

  /** The number of the newest event, 0 before the first. From SQLite's own count: the newest rows may be deleted. */
  last(): number {
    const found = this.#sql("SELECT seq FROM sqlite_sequence WHERE name = 'events'").get();
    return (found as { seq: number } | undefined)?.seq ?? 0;
  }

  /** The time of the newest event; 0 before the first. */
  lastTime(): number {
    const found = this.#sql('SELECT time FROM events ORDER BY seq DESC LIMIT 1').get();
    return (found as { time: number } | undefined)?.time ?? 0;
  }

  /** The ids of the jobs that were removed on request, not because their records were damaged. */
  removedJobs(): Set<string> {
    const found = this.#sql("SELECT jobId FROM events WHERE type = 'removed' AND text IS NULL").all();
    return new Set(found.map(({ jobId }) => jobId as string));
  }

  /** The ids, in order, of jobs that have events and begin with `prefix`, also of removed jobs. */
  jobIds(prefix: string, limit: number): string[] {
    const query = "SELECT DISTINCT jobId FROM events WHERE jobId >= ? AND jobId < ? || 'g' ORDER BY jobId LIMIT +?";
    const found = this.#sql(query).all(prefix, prefix, limit);
    return found.map(({ jobId }) => jobId as string);
  }

  /** Deletes events of removed jobs that happened before `before` (milliseconds since the epoch). */
  forgetRemoved(before: number): void {
    this.#sql('DELETE FROM events WHERE time < ? AND jobId NOT IN (SELECT id FROM jobs)').run(before);
  }
}

/** How a run ended, for its event, which outlives the record of the run. */
export function endText({ reasonText, errorMessage, signal, exitCode }: RunEnd): string | null {
  return reasonText ?? errorMessage ?? signal ?? (exitCode ? `code ${exitCode}` : null);
}
