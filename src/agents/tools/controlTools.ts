import * as z from 'zod';
import * as control from '../../api/control.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { priority } from '../../api/options.ts';
import { parseSignal, signalNames } from '../../api/signals.ts';
import { isEnded } from '../../api/values.ts';
import { killText } from '../../text/endText.ts';
import { oneLine, plural } from '../../text/grammar.ts';
import { agentWording, dependsOnText } from '../../text/stateText.ts';
import { duration } from '../../text/timeText.ts';
import { jobSentence, nextSentence } from './answer.ts';
import { dependsOn } from './startTool.ts';
import { defineTool, jobId, type Tool, type ToolContext } from './tool.ts';

const cleanup = z.strictObject({
  ...control.cleanupRequest.pick({ olderThanMs: true, keep: true, status: true }).shape,
  session: control.cleanupRequest.shape.session.describe("Only jobs of this session (default: this workspace's)"),
  allSessions: z.boolean().default(false).describe('Jobs of all sessions'),
  dryRun: control.cleanupRequest.shape.dryRun.describe('Only count the jobs that would be removed'),
});

export const controlTools = {
  restart_job: jobTool({
    title: 'Restart background job',
    description:
      'Restart a background job: start a new run of the same command; a current run is stopped first. ' +
      'The output and exit code of earlier runs are kept.',
    hints: { readOnly: false, destructive: true, idempotent: false },
    act: (id, { service, start: { inheritEnv } }) =>
      service.restartJob(id, { actor: 'agent', ...(inheritEnv && { inheritEnv }) }),
  }),
  pause_job: jobTool({
    title: 'Pause background job',
    description: 'Pause a background job: suspend its whole process tree (SIGSTOP) until resume_job. Nothing is lost.',
    hints: { readOnly: false, destructive: false, idempotent: true },
    act: (id, { service }) => service.pauseJob(id),
  }),
  resume_job: jobTool({
    title: 'Resume background job',
    description: 'Resume a paused background job: its process tree continues where it was suspended (SIGCONT).',
    hints: { readOnly: false, destructive: false, idempotent: true },
    act: (id, { service }) => service.resumeJob(id),
  }),
  hold_job: jobTool({
    title: 'Hold background job',
    description:
      'Hold a waiting background job so that it does not start until it is released. For a running job, use pause_job.',
    hints: { readOnly: false, destructive: false, idempotent: true },
    act: (id, { service }) => service.holdJob(id),
  }),
  release_job: jobTool({
    title: 'Release background job',
    description:
      'Release a background job on hold so that it can start, or start a scheduled one now. A cron schedule creates a job now.',
    hints: { readOnly: false, destructive: false, idempotent: false },
    act: (id, { service }) => service.releaseJob(id, { actor: 'agent' }),
  }),

  update_job: defineTool({
    title: 'Update background job',
    description: 'Change the priority or the dependencies of a waiting background job.',
    input: z.strictObject({
      id: jobId,
      priority: priority.optional().describe('1 to 10; a higher priority starts first'),
      dependsOn: dependsOn.optional().describe('Replaces all dependencies; [] for none'),
    }),
    hints: { readOnly: false, destructive: false, idempotent: true },
    async run({ id, ...changes }, context) {
      if (Object.keys(changes).length === 0)
        throw new BgJobsError('invalid_request', 'Give priority, dependsOn or both.');
      const after = await context.service.updateJob(id, { ...changes, actor: 'agent' });
      const needs = dependsOnText(after, agentWording(Date.now()));
      return {
        says: [
          jobSentence(after),
          `Priority: ${after.priority}.`,
          needs === '' ? '' : `Depends on: ${needs}.`,
          nextSentence(after, context),
        ],
        job: after,
      };
    },
  }),

  cleanup_jobs: defineTool({
    title: 'Clean up background jobs',
    description:
      'Clean up: remove finished background jobs and their logs, by age, count, status, or session. ' +
      'Running and waiting jobs are never removed. Returns how many were removed and how many remain.',
    input: cleanup,
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
      return {
        says: [`${plural(result.cleaned, 'finished job')}${of} ${did}, ${result.remaining} remain.`],
      };
    },
  }),

  kill_job: defineTool({
    title: 'Kill background job',
    description:
      'Kill, stop, or terminate a background job with its whole process tree, proven dead, or send it a signal. ' +
      'Sends SIGTERM first and SIGKILL after the grace time. ' +
      'Use this instead of kill, pkill, or taskkill, which can hit the wrong processes.',
    input: z.strictObject({
      id: jobId,
      signal: control.killRequest.shape.signal.describe(
        `${signalNames.join(', ')}; SIGUSR1 and SIGUSR2 are only delivered`,
      ),
      ...control.killRequest.pick({ graceMs: true, escalate: true, reason: true, run: true, requeue: true }).shape,
    }),
    hints: { readOnly: false, destructive: true, idempotent: true },
    question: ({ id, signal, requeue }) => ({ kind: 'kill', id, signal: parseSignal(signal), requeue }),
    async run({ id, ...request }, context) {
      const result = await context.service.killJob(id, { ...request, actor: 'agent' });
      const { job: after, survivors, leftoversEnded } = result;
      const isKilled = result.result === 'killed';
      return {
        says: [
          `${result.result}: job ${after.shortId} ${killText(result)}.`,
          isKilled ? 'Its whole process tree is dead.' : '',
          leftoversEnded === 0 ? '' : `Orphaned processes of it that were ended: ${leftoversEnded}.`,
          isKilled || !isEnded(after.status) ? jobSentence(after) : '',
          ...survivors.map(({ pid, command }) => `Still alive: process ${pid}, ${oneLine(command)}`),
          nextSentence(after, context),
        ],
        job: after,
      };
    },
  }),

  terminate_run: defineTool({
    title: 'Terminate a run of a background job',
    description:
      'Terminate one run of a background job and put the job back in the queue, or hold it. ' +
      'A newer run is never affected. To end a job for good, use kill_job.',
    input: z.strictObject({
      runId: z.string().trim().min(1).describe('`runId` of the run: the job id, a dot, and the run number'),
      ...control.terminateRequest.pick({ reason: true, requeue: true }).shape,
    }),
    hints: { readOnly: false, destructive: true, idempotent: false },
    async run({ runId, ...request }, context) {
      const result = await context.service.terminateRun(runId, { ...request, actor: 'agent' });
      const { job: after, escalated, durationMs } = result;
      const how = `in ${duration(durationMs)}${escalated ? ', SIGKILL was needed' : ''}`;
      return {
        says: [`Run ${result.run_id} was terminated ${how}.`, jobSentence(after), nextSentence(after, context)],
        job: after,
      };
    },
  }),
};

/** A tool that does one thing to a job by its id. */
function jobTool({
  act,
  ...tool
}: Pick<Tool, 'title' | 'description' | 'hints'> & {
  act: (id: string, context: ToolContext) => Promise<Job>;
}): Tool {
  return defineTool({
    ...tool,
    input: z.strictObject({ id: jobId }),
    async run({ id }, context) {
      const after = await act(id, context);
      return { says: [jobSentence(after), nextSentence(after, context)], job: after };
    },
  });
}

function sessionOf(given: z.output<typeof cleanup>, context: Pick<ToolContext, 'session'>): string | undefined {
  return given.allSessions ? undefined : (given.session ?? context.session);
}
