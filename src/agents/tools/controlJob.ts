import * as z from 'zod';
import { cleanupRequest, cleanupResult } from '../../api/control.ts';
import { BgJobsError } from '../../api/errors.ts';
import { job, type Job } from '../../api/job.ts';
import { priority } from '../../api/options.ts';
import { plural } from '../../text/grammar.ts';
import { dependsOnText } from '../../text/waitingText.ts';
import { agentWording } from '../../text/wording.ts';
import * as field from './fields.ts';
import { jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool, type ToolAnswer, type ToolContext } from './tool.ts';

const input = z.strictObject({ id: field.id });

export const restartJob = defineTool({
  name: 'restart_job',
  title: 'Restart background job',
  description:
    'Restart a background job: start a new run of the same command; a current run is stopped first. ' +
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
  description: 'Pause a background job: suspend its whole process tree (SIGSTOP) until resume_job. Nothing is lost.',
  input,
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: true },
  run: async ({ id }, context) => answer(context, await context.service.pauseJob(id)),
});

export const resumeJob = defineTool({
  name: 'resume_job',
  title: 'Resume background job',
  description: 'Resume a paused background job: its process tree continues where it was suspended (SIGCONT).',
  input,
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: true },
  run: async ({ id }, context) => answer(context, await context.service.resumeJob(id)),
});

export const holdJob = defineTool({
  name: 'hold_job',
  title: 'Hold background job',
  description:
    'Hold a waiting background job so that it does not start until it is released. For a running job, use pause_job.',
  input,
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: true },
  run: async ({ id }, context) => answer(context, await context.service.holdJob(id)),
});

export const releaseJob = defineTool({
  name: 'release_job',
  title: 'Release background job',
  description:
    'Release a background job on hold so that it can start, or start a scheduled one now. A cron schedule creates a job now.',
  input,
  output: job,
  hints: { readOnly: false, destructive: false, idempotent: false },
  run: async ({ id }, context) => answer(context, await context.service.releaseJob(id, { actor: 'agent' })),
});

export const updateJob = defineTool({
  name: 'update_job',
  title: 'Update background job',
  description: 'Change the priority or the dependencies of a waiting background job.',
  input: z.strictObject({
    id: field.id,
    priority: priority.optional().meta({ description: '1 to 10; a higher priority starts first' }),
    dependsOn: field.dependsOn.optional().meta({ description: 'Replaces all dependencies; [] for none' }),
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

const cleanupInput = z.strictObject({
  olderThanMs: cleanupRequest.shape.olderThanMs,
  keep: cleanupRequest.shape.keep,
  status: cleanupRequest.shape.status,
  session: cleanupRequest.shape.session.meta({
    description: "Only jobs of this session (default: this workspace's)",
  }),
  allSessions: z.boolean().default(false).meta({ description: 'Jobs of all sessions' }),
  dryRun: cleanupRequest.shape.dryRun.meta({ description: 'Only count the jobs that would be removed' }),
});

export const cleanUpJobs = defineTool({
  name: 'cleanup_jobs',
  title: 'Clean up background jobs',
  description:
    'Clean up: remove finished background jobs and their logs, by age, count, status, or session. ' +
    'Running and waiting jobs are never removed. Returns how many were removed and how many remain.',
  input: cleanupInput,
  output: cleanupResult,
  hints: { readOnly: false, destructive: true, idempotent: true },
  question: (given, context) => {
    if (given.dryRun) return null;
    const { status = null, olderThanMs = null, keep = null } = given;
    return { kind: 'cleanup', status, session: sessionOf(given, context) ?? null, olderThanMs, keep };
  },
  async run(given, context) {
    const { allSessions: _allSessions, session: _session, ...rest } = given;
    const session = sessionOf(given, context);
    const result = await context.service.cleanUp({ ...rest, ...(session !== undefined && { session }) });
    const did = given.dryRun ? 'would be removed' : 'removed';
    const of = session === undefined ? '' : ` of session ${session}`;
    return { text: `${plural(result.cleaned, 'finished job')}${of} ${did}, ${result.remaining} remain.`, data: result };
  },
});

function sessionOf(given: z.output<typeof cleanupInput>, context: Pick<ToolContext, 'session'>): string | undefined {
  return given.allSessions ? undefined : (given.session ?? context.session);
}
