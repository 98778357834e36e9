import { randomUUID } from 'node:crypto';

/** Number of characters of an id that people are shown. */
export const shortIdLength = 8;

/**
 * An id whose short form is no number: clients that guess types would turn `98726e60` into 9.8726e64. And it does not end
 * like that of a task, which has its number there.
 */
export function newJobId(): string {
  const id = randomUUID();
  return Number.isNaN(Number(id.slice(0, shortIdLength))) && !isTaskId(id) ? id : newJobId();
}

/** Whether it is that of a task: it ends with an a and the task's number. */
export function isTaskId(id: string): boolean {
  return /-a\d{11}$/.test(id);
}

/** As people type it: that of a task names its array. */
export function shortIdOf({ id, task }: { id: string; task: { number: number } | null }): string {
  const short = id.slice(0, shortIdLength);
  return task ? `${short}:${task.number}` : short;
}

/** What the ids of an array and of its tasks have in common: all but the last twelve characters. */
export function prefixOfTasks(id: string): string {
  return id.slice(0, -12);
}
