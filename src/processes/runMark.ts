import { createHash } from 'node:crypto';

/**
 * A mark that processes of a run keep whatever they do to their environment, session, parent and files: the soft limit of
 * file locks (RLIMIT_LOCKS), which Linux hands on to every child, shows to everybody, and has not enforced since 2.4.25.
 * Other systems have no such limit.
 */

/** The mark of a run: a number of 15 digits that is the same for each call. */
export function markOf(runId: string): string {
  return String(2 ** 48 + createHash('sha256').update(runId).digest().readUIntBE(0, 6));
}

/** A line of sh that marks the shell and all that it starts: `-w` is dash's name for the limit, `-x` that of bash. */
export function markingLine(runId: string): string {
  const mark = markOf(runId);
  return `{ ulimit -S -w ${mark} || ulimit -S -x ${mark}; } 2>/dev/null`;
}

/** @param limits /proc/pid/limits, see proc(5) */
export function parseMark(limits: string): string | undefined {
  return /^Max file locks\s+(\d{15})\s/m.exec(limits)?.[1];
}
