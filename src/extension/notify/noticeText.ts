import type { Job } from '../../api/job.ts';
import { endText, gaveUpText } from '../../text/endText.ts';
import { jobTitle, oneLine } from '../../text/grammar.ts';
import { number, t } from '../base/l10n.ts';
import type { JobEnd } from '../model/jobModel.ts';

/** A job, its run that has ended, and how. */
export interface End {
  job: Job;
  event: Pick<JobEnd['event'], 'run' | 'to'>;
}

/** How it ended, whether it gave up, and how many other jobs could not run because of it. */
export function noticeText({ job, event }: End, canceled: number): string {
  const run = job.runs.find(({ number: one }) => one === event.run);
  const end = run ?? { ...job, status: event.to ?? job.status };
  const title = jobTitle(job);
  const sentences = [
    end.error
      ? t('Couldn\'t start "{0}": {1}', title, oneLine(end.error.message))
      : t('"{0}" {1}', title, endText(end, t)),
  ];
  if (job.gaveUp) sentences.push(gaveUpText(job.attempt ?? 1, t));
  if (canceled === 1) sentences.push(t('1 job that depends on it was canceled'));
  if (canceled > 1) sentences.push(t('{0} jobs that depend on it were canceled', number(canceled)));
  return sentences.join('; ');
}

/** @param cause undefined: it was removed */
export function canceledText(cause: Job | undefined, jobs: readonly Job[]): string {
  const [first] = jobs;
  const what =
    jobs.length === 1 && first
      ? t('"{0}" was canceled', jobTitle(first))
      : t('{0} jobs were canceled', number(jobs.length));
  return cause
    ? t('{0} because of "{1}": {2}', what, jobTitle(cause), endText(cause, t))
    : t('{0} because the job it depends on was removed', what);
}

/** Of failures, in a notification that follows that of another one. */
export function failuresText(failed: number, canceled: number): string {
  const text = t('{0} more jobs failed', number(failed));
  return canceled === 0 ? text : `${text}; ${t('{0} jobs that depend on them were canceled', number(canceled))}`;
}
