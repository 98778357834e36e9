import type { EventType } from '../api/events.ts';
import type { EndReason, JobStatus } from '../api/values.ts';
import { Table } from './database.ts';
import { isTaskId, prefixOfTasks } from './newJobId.ts';

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

type NewEvent = Partial<EventRow> & Pick<EventRow, 'time' | 'type' | 'jobId' | 'run' | 'session'>;

/** The append-only table `events`. */
export class EventTable extends Table {
  append(event: NewEvent): void {
    const { time, type, jobId, run, session, fromStatus = null, toStatus = null, reason = null, text = null } = event;
    const insert = `INSERT INTO events (time, type, jobId, run, session, fromStatus, toStatus, reason, text)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    this.run(insert, time, type, jobId, run, session, fromStatus, toStatus, reason, text);
  }

  /** Oldest first. @param jobId only the events of this job; of an array those of its tasks too */
  after(seq: number, limit: number, jobId?: string): EventRow[] {
    if (jobId === undefined) return this.all('SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT +?', seq, limit);
    const ids = [jobId, isTaskId(jobId) ? jobId : `${prefixOfTasks(jobId)}*`];
    const query = 'SELECT * FROM events WHERE seq > ? AND (jobId = ? OR jobId GLOB ?) ORDER BY seq LIMIT +?';
    return this.all(query, seq, ...ids, limit);
  }

  /** The number of the newest event, 0 before the first. From SQLite's own count: the newest rows may be deleted. */
  last(): number {
    return this.get<EventRow>("SELECT seq FROM sqlite_sequence WHERE name = 'events'")?.seq ?? 0;
  }

  /** The next event has a greater number than `seq`. */
  continueAfter(seq: number): void {
    const update = "UPDATE sqlite_sequence SET seq = ? WHERE name = 'events'";
    if (this.run(update, seq) === 0) this.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)", seq);
  }

  /** The time of the newest event; 0 before the first. */
  lastTime(): number {
    return this.get<EventRow>('SELECT time FROM events ORDER BY seq DESC LIMIT 1')?.time ?? 0;
  }

  /** The runs that have started since then, oldest first. @param since milliseconds since the epoch */
  startsSince(since: number): { time: number; session: string }[] {
    const last =
      this.get<EventRow>('SELECT seq FROM events WHERE time <= ? ORDER BY seq DESC LIMIT 1', since)?.seq ?? 0;
    return this.all("SELECT time, session FROM events WHERE seq > ? AND toStatus = 'starting' ORDER BY seq", last);
  }

  /**
   * The jobs that were removed on request, not because their records were damaged: what their ids begin with
   * (`prefixOfTasks`), because with an array its tasks were removed.
   */
  removedJobs(): Set<string> {
    const found = this.all<EventRow>("SELECT jobId FROM events WHERE type = 'removed' AND text IS NULL");
    return new Set(found.map(({ jobId }) => prefixOfTasks(jobId)));
  }

  /** The ids, in order, of removed jobs that still have events and begin with `prefix`. Tasks only by their whole ids. */
  removedIds(prefix: string, limit: number): string[] {
    // A task is removed with its array, which has the event. To look for the task's own, all events must be read.
    const query = isTaskId(prefix)
      ? 'SELECT jobId FROM events WHERE jobId = ? LIMIT min(1, ?)'
      : `SELECT DISTINCT jobId FROM events WHERE type = 'removed' AND jobId >= ?1 AND jobId < ?1 || 'g'
         ORDER BY jobId LIMIT +?2`;
    return this.all<EventRow>(query, prefix, limit).map(({ jobId }) => jobId);
  }

  /** Deletes events of removed jobs that happened before `before` (milliseconds since the epoch). */
  forgetRemoved(before: number): void {
    // Only the oldest events are read: those before the first that is to be kept.
    const first = this.get<EventRow>('SELECT seq FROM events WHERE time >= ? ORDER BY seq LIMIT 1', before)?.seq;
    const query = 'DELETE FROM events WHERE seq < ? AND jobId NOT IN (SELECT id FROM jobs)';
    this.run(query, first ?? Number.MAX_SAFE_INTEGER);
  }
}
