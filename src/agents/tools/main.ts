/**
 * The tools of agents, defined once for the editor and for MCP. The room may import the API, the texts and Node; the
 * editor's tools and the MCP server import it.
 */
import * as z from 'zod';
import { job } from '../../api/job.ts';
import { cleanUpJobs, holdJob, pauseJob, releaseJob, restartJob, resumeJob, updateJob } from './controlJob.ts';
import { getJobOutput } from './jobOutputTool.ts';
import { getJobStatus } from './jobStatus.ts';
import { killJob, terminateRun } from './killJobTool.ts';
import { getJobMetrics, listJobs } from './listJobs.ts';
import type { ToolName } from './names.ts';
import { pollEvents } from './pollEvents.ts';
import { sendJobInput } from './sendJobInput.ts';
import { startJob } from './startJobTool.ts';
import type { Tool } from './tool.ts';
import { waitForJob } from './waitForJobTool.ts';

export { failureText } from './tool.ts';

/** All tools, for every front. */
export const tools: Readonly<Record<ToolName, Tool>> = {
  start_job: startJob,
  list_jobs: listJobs,
  get_job_status: getJobStatus,
  get_job_output: getJobOutput,
  wait_for_job: waitForJob,
  send_job_input: sendJobInput,
  kill_job: killJob,
  cleanup_jobs: cleanUpJobs,
  restart_job: restartJob,
  pause_job: pauseJob,
  resume_job: resumeJob,
  hold_job: holdJob,
  release_job: releaseJob,
  update_job: updateJob,
  get_job_metrics: getJobMetrics,
  poll_events: pollEvents,
  terminate_run: terminateRun,
};

const someJob = job.pick({ id: true, run: true, status: true });

/** The job that a tool's answer is about: alone, or among other fields. */
const answeredJob = z.union([someJob, z.object({ job: someJob }).transform((answer) => answer.job)]);

/** @returns null when the answer is about no job or about several */
export function jobOfAnswer(data: unknown): z.output<typeof someJob> | null {
  return answeredJob.safeParse(data).data ?? null;
}
