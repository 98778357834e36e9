import * as z from 'zod';
import { waitQuery, waitResult, type WaitResult } from '../../api/control.ts';
import { BgJobsError } from '../../api/errors.ts';
import { isEnded } from '../../api/values.ts';
import { duration } from '../../text/timeText.ts';
import * as field from './fields.ts';
import { logPaths, showOutput } from './toolOutput.ts';
import { jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool, type ToolContext } from './tool.ts';

/** How often a long wait reports progress. */
const progressMs = 2000;

export const waitForJob = defineTool({
  name: 'wait_for_job',
  title: 'Wait for background job',
  description:
    'Wait until a background job ends (exit), has started, is ready, or prints a line that matches /pattern/, up to a ' +
    'time limit. ' +
    'Returns the state and the latest output. A timeout is not a failure: the job keeps running, so call this again. ' +
    'For a server, start it with readyWhen and wait for ready, or wait for the line that says it is listening.',
  input: z.strictObject({
    id: field.id,
    for: waitQuery.shape.for.meta({
      description: 'exit, started, ready (see readyWhen of start_job), or /pattern/ in the output (RE2 syntax)',
    }),
    timeoutMs: z.int().min(0).max(3_600_000).default(30_000).meta({
      description: 'Maximum time to wait; the answer says if it was cut short',
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
    const shown = await showOutput(context, job, {}, Math.min(maxChars, context.maxChars));
    return {
      text: lines(
        outcome(what, capped, result),
        jobSentence(job),
        shown.text === '' ? 'No output.' : shown.text,
        logPaths(job.runs.at(-1)),
        nextSentence(job, context, shown.output.next),
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
    `Job ${shortId} is a schedule, which never ends. Wait for a job that it created: ${toolName('list_jobs')} with ` +
      `schedule "${shortId}" lists them.`,
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
