import type { Check, CheckId } from '../api/inspection.ts';

export interface DoctorOptions {
  /** The data directory. */
  readonly home: string;
  /** The version of this software. */
  readonly version: string;
  /** Which orphans to end: all of this store, or these pids. None if absent. */
  readonly end?: 'all' | readonly number[];
}

export function ok(id: CheckId, summary: string): Check {
  return { id, status: 'ok', summary, advice: null };
}

export function warning(id: CheckId, summary: string, advice: string): Check {
  return { id, status: 'warning', summary, advice };
}

export function problem(id: CheckId, summary: string, advice: string): Check {
  return { id, status: 'problem', summary, advice };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
