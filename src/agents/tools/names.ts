// This file has no schemas, so that offering the tools costs nothing.

/** The tools that the editor offers to its agents: few, because they stand among many others. */
export const editorTools = {
  start_job: { reference: 'startJob', icon: 'play' },
  list_jobs: { reference: 'jobs', icon: 'list-unordered' },
  get_job_status: { reference: 'jobStatus', icon: 'info' },
  get_job_output: { reference: 'jobOutput', icon: 'output' },
  wait_for_job: { reference: 'waitForJob', icon: 'watch' },
  send_job_input: { reference: 'jobInput', icon: 'keyboard' },
  kill_job: { reference: 'killJob', icon: 'debug-stop' },
  cleanup_jobs: { reference: 'cleanUpJobs', icon: 'clear-all' },
} as const;
export type EditorToolName = keyof typeof editorTools;

/** The names of all tools, in the order in which they are listed. */
export const toolNames = [
  ...(Object.keys(editorTools) as EditorToolName[]),
  'restart_job',
  'pause_job',
  'resume_job',
  'hold_job',
  'release_job',
  'update_job',
  'get_job_metrics',
  'poll_events',
  'terminate_run',
] as const;
export type ToolName = (typeof toolNames)[number];

/** The names of an extension's tools must be unique among all extensions. */
export function editorToolName(name: ToolName): `bgjobs_${ToolName}` {
  return `bgjobs_${name}`;
}
