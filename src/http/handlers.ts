import type { IncomingHttpHeaders } from 'node:http';
import type * as z from 'zod';
import type { JobService } from '../api/endpoints.ts';
import type { BgJobsError } from '../api/errors.ts';
import type { RouteName, routes } from '../api/routes.ts';
import { answerEvents } from './eventAnswer.ts';
import { answerMetrics } from './metricsAnswer.ts';
import { answerOutput } from './outputAnswer.ts';

/** What a handler gets to work on: checked against the route's schemas, in the form the caller gave it. */
export interface Call<Name extends RouteName = RouteName> {
  readonly service: JobService;
  readonly id: string;
  readonly query: Input<Name, 'query'>;
  readonly body: Input<Name, 'body'>;
  /** Aborted when the client goes away, and when the host leaves. */
  readonly signal: AbortSignal;
  readonly headers: IncomingHttpHeaders;
  readonly stopHost: () => void;
  /** To be called after the settings may have changed, pauses and limits among them: who follows events hears of it. */
  readonly settingsChanged: () => void;
}

type Input<Name extends RouteName, Part extends 'query' | 'body'> = (typeof routes)[Name] extends {
  readonly [P in Part]: infer Schema extends z.ZodType;
}
  ? z.input<Schema>
  : undefined;

/** JSON, under the route's own status where none is given. */
export interface JsonAnswer {
  readonly status?: number;
  readonly value: unknown;
}

/** Anything else. Status and headers go out with the first part, so that a failure before it still has its status. */
export interface BodyAnswer {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly parts: AsyncIterable<string | Uint8Array>;
  /** How a failure after that is told, as a last part; where there is no way, the connection is cut. */
  readonly failure?: (error: BgJobsError) => string;
  /** What goes out between two parts when the settings have changed. */
  readonly settingsNotice?: string;
}

type Handlers = { readonly [Name in RouteName]: (call: Call<Name>) => Promise<JsonAnswer | BodyAnswer> };

/** One for each route. What is only a call of the service is written here; the streams have files of their own. */
export const handlers: Handlers = {
  getHost: async ({ service }) => ({ value: await service.getHost() }),
  updateHost: (call) => changingSettings(call, call.service.updateHost(call.body)),
  stopHost: ({ stopHost }) => {
    stopHost();
    return Promise.resolve({ value: { stopping: true } });
  },
  startJob: async ({ service, body }) => {
    const { job, created } = await service.startJob(body);
    return created ? { value: job } : { status: 200, value: job };
  },
  listJobs: async ({ service, query }) => ({ value: await service.listJobs(query) }),
  killJobs: async ({ service, body }) => ({ value: await service.killJobs(body) }),
  getJob: async ({ service, id }) => ({ value: await service.getJob(id) }),
  updateJob: async ({ service, id, body }) => ({ value: await service.updateJob(id, body) }),
  removeJob: async ({ service, id }) => ({ value: await service.removeJob(id) }),
  inspectJob: async ({ service, id, signal }) => ({ value: await service.inspectJob(id, signal) }),
  getOutput: answerOutput,
  killJob: async ({ service, id, body }) => ({ value: await service.killJob(id, body) }),
  pauseJob: async ({ service, id }) => ({ value: await service.pauseJob(id) }),
  resumeJob: async ({ service, id }) => ({ value: await service.resumeJob(id) }),
  restartJob: async ({ service, id, body }) => ({ value: await service.restartJob(id, body) }),
  continueJob: async ({ service, id, body }) => ({ value: await service.continueJob(id, body) }),
  releaseJob: async ({ service, id, body }) => ({ value: await service.releaseJob(id, body) }),
  holdJob: async ({ service, id }) => ({ value: await service.holdJob(id) }),
  moveJob: async ({ service, id, body }) => ({ value: await service.moveJob(id, body) }),
  sendInput: async ({ service, id, body }) => ({ value: await service.sendInput(id, body) }),
  waitForJob: async ({ service, id, query, signal }) => {
    const value = await service.waitForJob(id, query, signal);
    // A wait that was ended early has not seen what was waited for.
    signal.throwIfAborted();
    return { value };
  },
  getRun: async ({ service, id }) => ({ value: await service.getRun(id) }),
  getRunEvents: async ({ service, id, query }) => ({ value: await service.getRunEvents(id, query) }),
  terminateRun: async ({ service, id, body }) => ({ value: await service.terminateRun(id, body) }),
  getQueue: async ({ service }) => ({ value: await service.getQueue() }),
  pauseQueue: (call) => changingSettings(call, call.service.pauseQueue(call.body)),
  resumeQueue: (call) => changingSettings(call, call.service.resumeQueue(call.body)),
  cleanUp: async ({ service, body }) => ({ value: await service.cleanUp(body) }),
  getMetrics: answerMetrics,
  getEvents: answerEvents,
};

async function changingSettings<T>(
  { settingsChanged }: Pick<Call, 'settingsChanged'>,
  change: Promise<T>,
): Promise<{ value: T }> {
  const value = await change;
  settingsChanged();
  return { value };
}
