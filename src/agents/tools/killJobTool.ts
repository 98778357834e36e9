import * as z from 'zod';
import { killRequest, killResult, terminateRequest, terminateResult, type KillResult } from '../../api/control.ts';
import { parseSignal, signalNames } from '../../api/signals.ts';
import { isEnded } from '../../api/values.ts';
import { killText } from '../../text/endText.ts';
import { oneLine } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import * as field from './fields.ts';
import { jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool } from './tool.ts';

export const killJob = defineTool({
  name: 'kill_job',
  title: 'Kill background job',
  description:
    'Kill, stop, or terminate a background job with its whole process tree, or send it a signal. ' +
    'Sends SIGTERM first and SIGKILL after the grace time, and returns when every process is proven dead. ' +
    'Use this instead of kill, pkill, or taskkill, which can hit the wrong processes.',
  input: z.strictObject({
    id: field.id,
    signal: killRequest.shape.signal.meta({
      description: `${signalNames.join(', ')}; SIGUSR1 and SIGUSR2 are only delivered`,
    }),
    graceMs: killRequest.shape.graceMs,
    escalate: killRequest.shape.escalate,
    reason: killRequest.shape.reason,
    run: killRequest.shape.run,
    requeue: killRequest.shape.requeue,
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
        ...survivors.map(({ pid, command }) => `Still alive: process ${pid}, ${oneLine(command)}`),
        nextSentence(job, context),
      ),
      data: result,
    };
  },
});

function outcome(result: KillResult): string {
  const { leftoversEnded, job } = result;
  return lines(
    `${result.result}: job ${job.shortId} ${killText(result)}.`,
    result.result === 'killed' ? 'Its whole process tree is dead.' : '',
    leftoversEnded === 0 ? '' : `Orphaned processes of it that were ended: ${leftoversEnded}.`,
    result.result === 'killed' || !isEnded(job.status) ? jobSentence(job) : '',
  );
}

export const terminateRun = defineTool({
  name: 'terminate_run',
  title: 'Terminate a run of a background job',
  description:
    'Terminate one run of a background job and put the job back in the queue, or hold it. ' +
    'A newer run is never affected. To end a job for good, use kill_job.',
  input: z.strictObject({
    runId: z.string().trim().min(1).meta({ description: '`runId` of the run: the job id, a dot, and the run number' }),
    reason: terminateRequest.shape.reason,
    requeue: terminateRequest.shape.requeue,
  }),
  output: terminateResult,
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run({ runId, ...request }, context) {
    const result = await context.service.terminateRun(runId, { ...request, actor: 'agent' });
    const { job, escalated, durationMs } = result;
    const how = `in ${duration(durationMs)}${escalated ? ', SIGKILL was needed' : ''}`;
    return {
      text: lines(`Run ${result.run_id} was terminated ${how}.`, jobSentence(job), nextSentence(job, context)),
      data: result,
    };
  },
});
