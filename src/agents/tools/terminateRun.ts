import * as z from 'zod';
import { terminateRequest, terminateResult } from '../../api/control.ts';
import { duration } from '../../text/timeText.ts';
import { jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool } from './tool.ts';

const { shape } = terminateRequest;

export const terminateRun = defineTool({
  name: 'terminate_run',
  title: 'Terminate a run of a background job',
  description:
    'Terminate exactly one run of a background job and put the job back into the queue, or hold it. ' +
    'A newer run is never hit. To end a job for good use kill_job.',
  input: z.strictObject({
    runId: z.string().trim().min(1).meta({ description: '`runId` of the run: the job id, a dot, the number' }),
    reason: shape.reason,
    requeue: shape.requeue,
  }),
  output: terminateResult,
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run({ runId, ...request }, context) {
    const result = await context.service.terminateRun(runId, { ...request, actor: 'agent' });
    const { job, escalated, durationMs } = result;
    const how = `after ${duration(durationMs)}${escalated ? ', by SIGKILL in the end' : ''}`;
    return {
      text: lines(`Run ${result.run_id} is dead ${how}.`, jobSentence(job), nextSentence(job, context)),
      data: result,
    };
  },
});
