import { InvalidArgumentError } from 'commander';
import { readTime } from '../../text/typedTime.ts';

/** @see readTime */
export function parseTime(text: string, now: number): string {
  const time = readTime(text, now);
  if (time !== undefined) return time;
  throw new InvalidArgumentError(
    'Write it as 2026-11-20T17:30:00Z, 2026-11-20 17:30 or 17:30 by the local clock, or as a duration from now: 10m.',
  );
}
