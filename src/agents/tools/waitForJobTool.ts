import * as z from 'zod';
import { waitQuery, waitResult, type WaitResult } from '../../api/control.ts';
import { BgJobsError } from '../../api/errors.ts';
import { isEnded } from '../../api/values.ts';
import { duration } from '../../text/timeText.ts';
import * as field from './fields.ts';
import { logPaths, lookAtOutput } from './firstOutput.ts';
import { jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool, type ToolContext } from './tool.ts';

/** How often a long wait says that it still waits. */
const progressMs = 2000;

export const waitForJob = defineTool({
  name: 'wait_for_job',
  title: 'Wait for background job',
  description:
    'Wait until a background job ends (exit), has started, is ready, or prints a line that matches /pattern/, up to a ' +
    'time limit. ' +
    'Answers with the state and the last output. A time-out is no failure: the job goes on, call it again. ' +
    'For a server: start it with readyWhen and wait for ready, or wait for the line that says it listens.',
  input: z.strictObject({
    id: field.id,
    for: waitQuery.shape.for.meta({
      description: 'exit, started, ready (readyWhen of the start), or /pattern/ in the output (RE2 syntax)',
    }),
    timeoutMs: z.int().min(0).max(3_600_000).default(30_000).meta({
      description: 'The longest wait; one call may be cut shorter, and says so',
    }),
    maxChars: field.maxChars(4000),
  }),
  output: waitResult,
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run({ id, for: what, timeoutMs, maxChars }, context) {
    await refuseSchedule(id, context);
    const capped = Math.min(timeoutMs, context.maxWaitMs);
    const result = await reporting(context, what, () =>
      context.service.waitForJob(id, { for: what, timeoutMs: capped }, context.signal),
    );
    const { job } = result;
    const look = await lookAtOutput(context, job, {}, Math.min(maxChars, context.maxChars));
    return {
      text: lines(
        outcome(what, capped, result),
        jobSentence(job),
        look.text === '' ? 'It has written nothing.' : look.text,
        logPaths(job.runs.at(-1)),
        nextSentence(job, context, look.output.next),
      ),
      data: result,
    };
  },
});

async function refuseSchedule(id: string, { service, toolName }: ToolContext): Promise<void> {
  const { shortId, status, options } = await service.getJob(id);
  if (options.cron === null || isEnded(status)) return;
  throw new BgJobsError(
    'invalid_request',
    `Job ${shortId} is a schedule, which never ends. Wait for a job that it has made: ${toolName('list_jobs')} with ` +
      `schedule "${shortId}" shows them.`,
  );
}

function outcome(what: string, waitedMs: number, { timedOut, match, job }: WaitResult): string {
  if (timedOut) return `Still waiting for ${what} after ${duration(waitedMs)}; the job is not affected.`;
  if (match !== null) return `This line matched ${what}: ${match}`;
  if (what === 'exit' || (what === 'started' && job.startedAt !== null)) return '';
  if (what === 'ready' && job.ready) return '';
  if (isEnded(job.status)) return `It ended without ${what}.`;
  return what === 'ready' ? `It was ${job.readyText ?? 'not ready in its time'}.` : '';
}

async function reporting<T>({ onProgress }: ToolContext, what: string, wait: () => Promise<T>): Promise<T> {
  if (!onProgress) return wait();
  const started = Date.now();
  const timer = setInterval(() => onProgress(`waiting for ${what}, ${duration(Date.now() - started)}`), progressMs);
  try {
    return await wait();
  } finally {
    clearInterval(timer);
  }
}
