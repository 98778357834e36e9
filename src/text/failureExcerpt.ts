import type { JobService } from '../api/endpoints.ts';
import type { Job } from '../api/job.ts';
import { shownEnd, shownText } from './shownOutput.ts';

/** The end of the output that is quoted. */
const end = { lines: 60, chars: 6000 };
/** The first lines about errors that are quoted, when they come before that end, and how much is read for them (bytes). */
const firstErrors = { lines: 12, bytes: 8192 };
/** Words with which tools of many languages begin to say what is wrong. */
export const wrong =
  '(?i)(\\b(error|fatal|panic|panicked|exception|traceback|failed|failure|undefined reference|not ok)\\b|✖|✗|✘)';

export interface FailureExcerpt {
  /** The first lines that speak of an error, as a terminal shows them; empty when they are part of `end`. */
  firstErrors: string;
  /** The last lines; empty when the job has written nothing. */
  end: string;
}

/** What helps to understand why the last run of a job has failed. */
export async function failureExcerpt(service: JobService, job: Pick<Job, 'id' | 'run'>): Promise<FailureExcerpt> {
  const run = job.run === null ? {} : { run: job.run };
  const last = await shownEnd(service, job.id, run, end);
  const text = last.text.trimEnd();
  const found = await service.getOutput(job.id, { ...run, grep: wrong, limit: firstErrors.bytes });
  const lines = found.chunks.slice(0, firstErrors.lines).map((chunk) => shownText(chunk.text).trimEnd());
  const before = lines.filter((line) => line !== '' && !text.includes(line));
  return { firstErrors: before.join('\n'), end: text };
}
