/**
 * What a client needs of the protocol when it runs. No schemas are here: building them takes longer than a request, and
 * a client that has just been started would wait for it.
 */

/** Raised when an older client would misunderstand a newer host, or the other way round. */
export const protocolVersion = 2;

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Address {
  readonly method: Method;
  /** With `{id}` for a job's id or any unique prefix of it, `{runId}` for a run's id. */
  readonly path: string;
}

/** Where every route is; routes.ts says what goes in and comes out. */
export const addresses = {
  getHost: { method: 'GET', path: '/v1/host' },
  updateHost: { method: 'PATCH', path: '/v1/host' },
  stopHost: { method: 'POST', path: '/v1/host/stop' },
  startJob: { method: 'POST', path: '/v1/jobs' },
  listJobs: { method: 'GET', path: '/v1/jobs' },
  killJobs: { method: 'POST', path: '/v1/kill' },
  getJob: { method: 'GET', path: '/v1/jobs/{id}' },
  updateJob: { method: 'PATCH', path: '/v1/jobs/{id}' },
  removeJob: { method: 'DELETE', path: '/v1/jobs/{id}' },
  inspectJob: { method: 'GET', path: '/v1/jobs/{id}/inspect' },
  getOutput: { method: 'GET', path: '/v1/jobs/{id}/output' },
  killJob: { method: 'POST', path: '/v1/jobs/{id}/kill' },
  pauseJob: { method: 'POST', path: '/v1/jobs/{id}/pause' },
  resumeJob: { method: 'POST', path: '/v1/jobs/{id}/resume' },
  restartJob: { method: 'POST', path: '/v1/jobs/{id}/restart' },
  continueJob: { method: 'POST', path: '/v1/jobs/{id}/continue' },
  releaseJob: { method: 'POST', path: '/v1/jobs/{id}/release' },
  holdJob: { method: 'POST', path: '/v1/jobs/{id}/hold' },
  moveJob: { method: 'POST', path: '/v1/jobs/{id}/move' },
  sendInput: { method: 'POST', path: '/v1/jobs/{id}/input' },
  waitForJob: { method: 'GET', path: '/v1/jobs/{id}/wait' },
  getRun: { method: 'GET', path: '/v1/runs/{runId}' },
  getRunEvents: { method: 'GET', path: '/v1/runs/{runId}/events' },
  terminateRun: { method: 'POST', path: '/v1/runs/{runId}/terminate' },
  getQueue: { method: 'GET', path: '/v1/queue' },
  pauseQueue: { method: 'POST', path: '/v1/queue/pause' },
  resumeQueue: { method: 'POST', path: '/v1/queue/resume' },
  cleanUp: { method: 'POST', path: '/v1/cleanup' },
  getMetrics: { method: 'GET', path: '/v1/metrics' },
  getEvents: { method: 'GET', path: '/v1/events' },
} as const satisfies Record<string, Address>;
