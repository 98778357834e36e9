import { cleanUpJobs } from './cleanUpJobs.ts';
import { holdJob, pauseJob, releaseJob, restartJob, resumeJob, updateJob } from './controlJob.ts';
import { getJobMetrics } from './jobMetrics.ts';
import { getJobOutput } from './jobOutputTool.ts';
import { getJobStatus } from './jobStatus.ts';
import { killJob, terminateRun } from './killJob.ts';
import { listJobs } from './listJobs.ts';
import type { ToolName } from './names.ts';
import { pollEvents } from './pollEvents.ts';
import { sendJobInput } from './sendJobInput.ts';
import { startJob } from './startJobTool.ts';
import type { Tool } from './tool.ts';
import { waitForJob } from './waitForJobTool.ts';

/** Every tool, once, for every surface. */
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
