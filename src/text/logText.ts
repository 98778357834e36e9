import type { JobService } from '../api/endpoints.ts';
import type { Stream } from '../api/output.ts';
import { bytes, type Translate } from './grammar.ts';
import { LineRenderer } from './lineRenderer.ts';
import { shownRow, type Row } from './rows.ts';

/** So much is asked for at once (bytes). */
const pageBytes = 4 * 1024 ** 2;

export interface LogOptions {
  run: number;
  /** Only so many bytes at the end, from the beginning of a line on. */
  last?: number | undefined;
  /** Each line begins with the time at which it was read, by the clock of the reader. */
  times?: boolean | undefined;
}

/** The log of a run as a document. */
export interface LogText {
  /** Lines as a terminal shows them, those of both streams in the order in which they were read. */
  text: string;
  /** The lines that were written to stderr, from 0. */
  stderr: number[];
}

/** @throws BgJobsError `job_not_found`, `run_not_found` */
export async function logText(
  service: JobService,
  jobId: string,
  { run, last, times }: LogOptions,
  t: Translate,
): Promise<LogText> {
  const parts: string[] = [];
  const stderr: number[] = [];
  let line = 0;
  const write = (text: string, lineEnd: string, stream: Stream | undefined): void => {
    parts.push(text, lineEnd);
    if (stream === 'stderr') stderr.push(line);
    if (lineEnd !== '') line++;
  };
  const add = (row: Row, lineEnd: string): void => {
    const text = shownRow(row);
    // Behind the last newline there is no line yet.
    if (text === '' && lineEnd === '') return;
    const time = times && !row.isContinuation ? `${timeOf(row.changedAt)}  ` : '';
    write(time + text, lineEnd, row.source as Stream);
  };
  const renderer = new LineRenderer({ onLeave: add });
  const { since, isCut } = await beginning(service, jobId, run, last);
  let isFirst = true;
  for (let next = since, more = true; more;) {
    const page = await service.getOutput(jobId, { run, since: next, limit: pageBytes });
    if (page.droppedBytes > 0)
      write(t("[{0} dropped by the job's log limit]", bytes(page.droppedBytes)), '\n', undefined);
    for (const { text, time, stream } of page.chunks) {
      const whole = isFirst && isCut ? text.slice(text.search(/\n/) + 1) : text;
      if (isFirst && isCut) write(t('[{0} not shown]', bytes(since)), '\n', undefined);
      isFirst = false;
      renderer.push(whole, Date.parse(time), stream);
    }
    ({ next, more } = page);
  }
  for (const [row, lineEnd] of renderer.rows()) add(row, lineEnd);
  return { text: parts.join(''), stderr };
}

async function beginning(
  service: JobService,
  jobId: string,
  run: number,
  last: number | undefined,
): Promise<{ since: number; isCut: boolean }> {
  if (last === undefined) return { since: 0, isCut: false };
  const found = (await service.getJob(jobId)).runs.find(({ number }) => number === run);
  const since = Math.max(0, (found ? found.stdoutBytes + found.stderrBytes : 0) - last);
  return { since, isCut: since > 0 };
}

/** `14:03:07.120` */
function timeOf(ms: number): string {
  const time = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}
