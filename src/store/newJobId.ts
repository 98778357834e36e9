import { randomUUID } from 'node:crypto';

/** An id whose short form is no number: clients that guess types would turn `98726e60` into 9.8726e64. */
export function newJobId(): string {
  const id = randomUUID();
  return Number.isNaN(Number(id.slice(0, 8))) ? id : newJobId();
}
