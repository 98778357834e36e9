import * as z from 'zod';
import { BgJobsError } from '../../api/errors.ts';
import { job, type Job } from '../../api/job.ts';
import { priority } from '../../api/options.ts';
import { dependsOnText } from '../../text/waitingText.ts';
import { agentWording } from '../../text/wording.ts';
import * as field from './fields.ts';
import { dependsOn } from './schedulingText.ts';
import { jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool, type ToolAnswer, type ToolContext } from './tool.ts';

const input = z.strictObject({ id: field.id });

export const restartJob = defineTool({
  name: 'restart_job',
  title: 'Restart background job',
  description:
    'Restart a background job: a new run of the same command; what still runs is stopped first. ' +
    'The output and exit code of earlier runs are kept.',
  input,
  output: job,
  hints: { readOnly: false, destructive: true, idempotent: false },
  run: async ({ id }, context) => {
    const { inheritEnv } = context.start;
    return answer(context, await context.service.restartJob(id, { actor: 'agent', ...(inheritEnv && { inheritEnv }) }));
  },
});

export const pauseJob = defineTool({
  name: 'pause_job',
  title: 'Pause background job',
  description: 'Pause a background job: its whole process tree is stopped (SIGSTOP) until resume_job. Nothing is lost.',
  input,
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: true },
  run: async ({ id }, context) => answer(context, await context.service.pauseJob(id)),
});

export const resumeJob = defineTool({
  name: 'resume_job',
  title: 'Resume background job',
  description: 'Resume a paused background job: its process tree goes on where it was stopped (SIGCONT).',
  input,
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: true },
  run: async ({ id }, context) => answer(context, await context.service.resumeJob(id)),
});

export const holdJob = defineTool({
  name: 'hold_job',
  title: 'Hold background job',
  description: 'Keep a background job that waits from starting until it is released. What runs: pause_job.',
  input,
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: true },
  run: async ({ id }, context) => answer(context, await context.service.holdJob(id)),
});

export const releaseJob = defineTool({
  name: 'release_job',
  title: 'Release background job',
  description:
    'Let a held background job start, or one that waits for its time at once. Of a cron schedule a job is made now.',
  input,
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: false },
  run: async ({ id }, context) => answer(context, await context.service.releaseJob(id, { actor: 'agent' })),
});

export const updateJob = defineTool({
  name: 'update_job',
  title: 'Update background job',
  description: 'Change the priority of a background job that waits, or which jobs come before it.',
  input: z.strictObject({
    id: field.id,
    priority: priority.optional().meta({ description: '1 to 10, higher starts first' }),
    dependsOn: dependsOn.optional().meta({ description: 'All of them anew; [] for none' }),
  }),
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: true },
  async run({ id, ...changes }, context) {
    if (Object.keys(changes).length === 0)
      throw new BgJobsError('invalid_request', 'Give priority, dependsOn or both.');
    const after = await context.service.updateJob(id, { ...changes, actor: 'agent' });
    const text = lines(
      jobSentence(after),
      `Priority: ${after.priority}.`,
      after.dependsOn.length === 0 ? '' : `Depends on: ${dependsOnText(after, agentWording(Date.now()))}.`,
      nextSentence(after, context),
    );
    return { text, data: after };
  },
});

function answer(context: ToolContext, after: Job): ToolAnswer<Job> {
  return { text: lines(jobSentence(after), nextSentence(after, context)), data: after };
}
