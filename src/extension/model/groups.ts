import type { Job } from '../../api/job.ts';
import { isActive, isEnded, type Direction, type JobStatus } from '../../api/values.ts';

/** The parts of a session in the tree, in their order. `failed` has the failures that nobody has looked at yet. */
export const groupKinds = ['failed', 'running', 'waiting', 'finished'] as const;
export type GroupKind = (typeof groupKinds)[number];

export function groupOf(status: JobStatus): Exclude<GroupKind, 'failed'> {
  if (isActive(status)) return 'running';
  return isEnded(status) ? 'finished' : 'waiting';
}

/**
 * Newest first, of what has ended by its end; what waits in the order in which it will start.
 * @param places by id, positions in the host's queue, from 0
 */
export function compareIn(kind: GroupKind, places: ReadonlyMap<string, number>): (a: Job, b: Job) => number {
  if (kind !== 'waiting') {
    const time = (job: Job): string => (kind === 'running' ? null : job.finishedAt) ?? job.createdAt;
    return (a, b) => compareText(time(b), time(a)) || compareText(b.createdAt, a.createdAt) || compareText(b.id, a.id);
  }
  // A new job is the last of its part until the queue has been requested again.
  const place = ({ id }: Job): number => places.get(id) ?? Number.MAX_SAFE_INTEGER;
  return (a, b) =>
    part(a) - part(b) ||
    place(a) - place(b) ||
    b.priority - a.priority ||
    compareText(a.createdAt, b.createdAt) ||
    compareText(a.id, b.id);
}

/** Whether it may start as soon as there is a free slot. */
export function hasPlace({ status, waitingFor }: Job): boolean {
  return status === 'pending' && waitingFor?.type !== 'dependency' && waitingFor?.type !== 'retry';
}

/** Jobs in the queue come first, then those that wait for other jobs or a time, then held jobs. */
function part(job: Job): number {
  return hasPlace(job) ? 0 : job.status === 'held' ? 2 : 1;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * In which order to move several jobs, so that they keep their order among themselves: those at the end that they are
 * moved to stay where they are.
 * @param order all that stand in the same queue
 * @returns those of the selected that have to be moved
 */
export function movesOf(order: readonly string[], selected: readonly string[], to: Direction): string[] {
  if (selected.length <= 1) return [...selected];
  const inOrder = order.filter((id) => selected.includes(id));
  if (to === 'last') return inOrder;
  if (to === 'up') return behindTheFront(order, inOrder);
  const reversed = inOrder.reverse();
  return to === 'first' ? reversed : behindTheFront(order.toReversed(), reversed);
}

/** Without the selected ones that stand together at the front. */
function behindTheFront(order: readonly string[], selected: readonly string[]): string[] {
  const atFront = selected.findIndex((id, index) => order[index] !== id);
  return atFront < 0 ? [] : selected.slice(atFront);
}
