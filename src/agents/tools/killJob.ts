import * as z from 'zod';
import { killRequest, killResult, type KillResult } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { parseSignal, signalNames } from '../../api/signals.ts';
import { isEnded } from '../../api/values.ts';
import { endedSentence, endSentence } from '../../text/jobText.ts';
import { oneLine, plural } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import * as field from './fields.ts';
import { jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool } from './tool.ts';

const { shape } = killRequest;

export const killJob = defineTool({
  name: 'kill_job',
  title: 'Kill background job',
  description:
    'Kill, stop or terminate a background job with its whole process tree, or send it a signal. ' +
    'Answers when every process is proven dead: SIGTERM first, SIGKILL after the grace time. ' +
    'Use this rather than kill, pkill or taskkill, which hit the wrong processes.',
  input: z.strictObject({
    id: field.id,
    signal: shape.signal.meta({
      description: `${signalNames.join(', ')}; SIGUSR1 and SIGUSR2 are delivered and no more`,
    }),
    graceMs: shape.graceMs,
    escalate: shape.escalate,
    reason: shape.reason,
    run: shape.run,
    requeue: shape.requeue,
  }),
  output: killResult,
  hints: { readOnly: false, destructive: true, idempotent: true },
  question: ({ id, signal, requeue }) => ({ kind: 'kill', id, signal: parseSignal(signal), requeue }),
  async run({ id, ...request }, context) {
    const result = await context.service.killJob(id, { ...request, actor: 'agent' });
    const { survivors, job } = result;
    return {
      text: lines(
        outcome(result),
        ...survivors.map(({ pid, command }) => `Could not be ended: process ${pid}, ${oneLine(command)}`),
        nextSentence(job, context),
      ),
      data: result,
    };
  },
});

function outcome({ result, signal, escalated, durationMs, leftoversEnded, job }: KillResult): string {
  const left =
    leftoversEnded === 0 ? '' : ` ${plural(leftoversEnded, 'process', 'processes')} that remained of it ended.`;
  switch (result) {
    case 'killed':
      return (
        `killed: job ${job.shortId} and its process tree are dead, by ${signal ?? 'a signal'} after ` +
        `${duration(durationMs)}${escalated ? '; it ignored that, so SIGKILL was needed' : ''}. ` +
        (isEnded(job.status)
          ? `Recorded as ${endSentence(job)}.`
          : `It was put back into the queue. ${jobSentence(job)}`)
      );
    case 'already_terminated':
      return `already_terminated: job ${job.shortId} had ended before (${endedSentence(job)}).${left}`;
    case 'cancelled':
      return `cancelled: job ${job.shortId} ${cancelled(job)}.`;
    case 'signalled':
      return `signalled: ${signal ?? 'the signal'} was delivered to job ${job.shortId}, which is ${job.status}.`;
    case 'stopping':
      return `stopping: job ${job.shortId} is being ended.`;
  }
}

function cancelled({ options, run }: Job): string {
  if (options.cron !== null) return 'makes no more jobs; what it has made is left alone';
  return `was waiting and will never run${run === null ? '' : ' again'}`;
}
