import type { Job } from '../../protocol/job.ts';
import { isActive, isEnded, type JobStatus } from '../../protocol/states.ts';

/** The parts of a session in the tree, in their order. */
export const groupKinds = ['running', 'waiting', 'finished'] as const;
export type GroupKind = (typeof groupKinds)[number];

export function groupOf(status: JobStatus): GroupKind {
  if (isActive(status)) return 'running';
  return isEnded(status) ? 'finished' : 'waiting';
}

/** The place of a job in the host's queue, from 0 on; undefined for one that is not in it as far as is known. */
export type PlaceOf = (id: string) => number | undefined;

/** Newest first; what waits in the order in which it will start. */
export function compareIn(kind: GroupKind, placeOf: PlaceOf): (a: Job, b: Job) => number {
  return kind === 'waiting' ? inQueueOrder(placeOf) : newestFirst;
}

function newestFirst(a: Job, b: Job): number {
  return compareText(b.createdAt, a.createdAt) || compareText(b.id, a.id);
}

/** What has just come is behind the others until the queue has been asked for again; what is held is last. */
function inQueueOrder(placeOf: PlaceOf): (a: Job, b: Job) => number {
  const place = ({ id }: Job): number => placeOf(id) ?? Number.MAX_SAFE_INTEGER;
  return (a, b) =>
    Number(a.status === 'held') - Number(b.status === 'held') ||
    place(a) - place(b) ||
    b.priority - a.priority ||
    compareText(a.createdAt, b.createdAt) ||
    compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
