import type { BelongsTo, Check, DoctorReport, LeftProcess } from '../api/inspection.ts';
import { bytes, oneLine } from './grammar.ts';
import { shortId } from './stateText.ts';
import { duration } from './timeText.ts';

/** The run that a process belongs to, for example `run 1 of 3f2a9c1b, now completed`. */
export function originPhrase({ runId, jobStatus, belongsTo, home, isOfThisStore }: LeftProcess): string {
  const [jobId = '', number] = runId.split('.');
  const state = jobStatus === null ? missing[belongsTo] : `now ${jobStatus.replace('_', ' ')}`;
  const where = isOfThisStore || home === null ? '' : `, in ${oneLine(home)}`;
  return `run ${number} of ${shortId(jobId)}, ${state}${where}`;
}

const missing: Record<BelongsTo, string> = {
  ended_run: 'ended',
  removed_job: 'job was removed',
  lost_store: 'store was removed',
  unknown_store: 'unknown store',
  unreadable_store: 'store is unreadable',
};

/** A check: what was found, and on the next line what to do. */
export function checkLines({ status, summary, advice }: Check, paint = (text: string): string => text): string[] {
  return [
    `${paint(status.padEnd(9))}${oneLine(summary)}`,
    ...(advice === null ? [] : [`${' '.repeat(9)}${oneLine(advice)}`]),
  ];
}

/** Pid, memory, age, outcome, origin and command of a process. */
export function leftColumns(process: LeftProcess, now: number): string[] {
  const { pid, memory, startedAt, command, outcome, keptBecause } = process;
  // A process that was only found is kept for no reason.
  const reason = keptBecause === null ? unknown : `kept: ${keptBecause}`;
  return [
    String(pid),
    memory === null ? unknown : bytes(memory),
    startedAt === null ? unknown : duration(Math.max(0, now - Date.parse(startedAt))),
    outcome === 'kept' ? reason : outcome,
    originPhrase(process),
    oneLine(command),
  ];
}

const unknown = '-';

/** The whole report without columns. */
export function reportText({ checks, processes }: DoctorReport, now: number): string {
  const left = processes.map((process) => `         ${leftColumns(process, now).join('  ')}`);
  return `${[...checks.flatMap((check) => checkLines(check)), ...left].join('\n')}\n`;
}
