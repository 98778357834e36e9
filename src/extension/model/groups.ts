import type { Job } from '../../protocol/job.ts';
import { isActive, isEnded, type JobStatus } from '../../protocol/states.ts';

/** The parts of a session in the tree, in their order. */
export const groupKinds = ['running', 'waiting', 'finished'] as const;
export type GroupKind = (typeof groupKinds)[number];

export function groupOf(status: JobStatus): GroupKind {
  if (isActive(status)) return 'running';
  return isEnded(status) ? 'finished' : 'waiting';
}

/** Newest first; what waits in the order in which it will start. */
export function compareIn(kind: GroupKind): (a: Job, b: Job) => number {
  return kind === 'waiting' ? inQueueOrder : newestFirst;
}

function newestFirst(a: Job, b: Job): number {
  return compareText(b.createdAt, a.createdAt) || compareText(b.id, a.id);
}

function inQueueOrder(a: Job, b: Job): number {
  return (
    Number(a.status === 'held') - Number(b.status === 'held') ||
    b.priority - a.priority ||
    compareText(a.createdAt, b.createdAt) ||
    compareText(a.id, b.id)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
