import type { DatabaseSync } from 'node:sqlite';
import type { EventType } from '../api/events.ts';
import type { EndReason, JobStatus } from '../api/values.ts';
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

/** The append-only table `events`. */
export class EventTable {
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #after;
  readonly #last;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(
      'INSERT INTO events (time, type, jobId, run, session, fromStatus, toStatus, reason, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    // +?: SQLite looks at a bare limit while it plans, and so compiles the statement anew each time one is bound.
    this.#after = database.prepare('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT +?');
    // Where the newest are forgotten, the table does not know their numbers any more.
    this.#last = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'");
  }

  append(event: Omit<EventRow, 'seq'>): void {
    const { time, type, jobId, run, session, fromStatus, toStatus, reason, text } = event;
    this.#insert.run(time, type, jobId, run, session, fromStatus, toStatus, reason, text);
  }

  /** @param jobId of one job alone */
  after(seq: number, limit: number, jobId?: string): EventRow[] {
    const rows = jobId === undefined ? this.#after.all(seq, limit) : this.#afterOf(jobId, seq, limit);
    return rows as unknown as EventRow[];
  }

  /** The number of the newest event, 0 before the first. */
  last(): number {
    return (this.#last.get() as { seq: number } | undefined)?.seq ?? 0;
  }

  /** When the newest event happened; 0 before the first. */
  lastTime(): number {
    const found = this.#database.prepare('SELECT time FROM events ORDER BY seq DESC LIMIT 1').get();
    return (found as { time: number } | undefined)?.time ?? 0;
  }

  /** The ids of the jobs that were removed on purpose: not because their records were damaged. */
  removedJobs(): Set<string> {
    const found = this.#database.prepare("SELECT jobId FROM events WHERE type = 'removed' AND text IS NULL").all();
    return new Set(found.map(({ jobId }) => jobId as string));
  }

  /** The ids of jobs that have events and begin so, in their order: of those that are no more, too. */
  jobIds(prefix: string, limit: number): string[] {
    const found = this.#database
      .prepare("SELECT DISTINCT jobId FROM events WHERE jobId >= ? AND jobId < ? || 'g' ORDER BY jobId LIMIT ?")
      .all(prefix, prefix, limit);
    return found.map(({ jobId }) => jobId as string);
  }

  /** Forgets events of jobs that are no more, up to `before` (milliseconds since the epoch). */
  forgetRemoved(before: number): void {
    this.#database.prepare('DELETE FROM events WHERE time < ? AND jobId NOT IN (SELECT id FROM jobs)').run(before);
  }

  #afterOf(jobId: string, seq: number, limit: number) {
    const one = 'SELECT * FROM events WHERE seq > ? AND jobId = ? ORDER BY seq LIMIT ?';
    return this.#database.prepare(one).all(seq, jobId, limit);
  }
}

/** How a run ended, for its event: the record of the run is removed with the job. */
export function endText({ reasonText, errorMessage, signal, exitCode }: RunEnd): string | null {
  return reasonText ?? errorMessage ?? signal ?? (exitCode ? `code ${exitCode}` : null);
}
