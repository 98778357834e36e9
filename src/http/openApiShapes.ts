import * as z from 'zod';
import { agentEvent, agentEventPage } from '../api/codingAgent.ts';
import { cleanupResult, killManyResult, killResult, queue, waitResult } from '../api/control.ts';
import { eventPage, jobEvent } from '../api/events.ts';
import { hostInfo, limits, metrics, settings } from '../api/host.ts';
import { inspection, liveProcess } from '../api/inspection.ts';
import { codingAgent, job, jobList, processInfo, run, startError } from '../api/job.ts';
import { endReason, jobStatus } from '../api/options.ts';
import { chunk, output } from '../api/output.ts';
import { errorBody, errorCode } from '../api/validate.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What has a name of its own in the document; anything else is named after its route. */
const named: readonly (readonly [z.ZodType, string])[] = [
  [job, 'Job'],
  [run, 'Run'],
  [jobList, 'JobList'],
  [jobStatus, 'JobStatus'],
  [endReason, 'EndReason'],
  [startError, 'StartError'],
  [processInfo, 'Process'],
  [liveProcess, 'LiveProcess'],
  [inspection, 'Inspection'],
  [chunk, 'Chunk'],
  [output, 'Output'],
  [codingAgent, 'CodingAgent'],
  [agentEvent, 'AgentEvent'],
  [agentEventPage, 'AgentEventPage'],
  [jobEvent, 'Event'],
  [eventPage, 'EventPage'],
  [killResult, 'KillResult'],
  [killManyResult, 'KillManyResult'],
  [waitResult, 'WaitResult'],
  [cleanupResult, 'CleanupResult'],
  [hostInfo, 'Host'],
  [limits, 'Limits'],
  [settings, 'Settings'],
  [metrics, 'Metrics'],
  [queue, 'Queue'],
  [errorBody, 'Error'],
  [errorCode, 'ErrorCode'],
];

/** Collects what requests and answers look like, as schemas that refer to each other by name. */
export class Shapes {
  readonly #io: 'input' | 'output';
  readonly #registry = z.registry<{ id: string }>();

  /** @param io of requests: what may be left out; of answers: what is always there */
  constructor(io: 'input' | 'output') {
    this.#io = io;
    if (io === 'output') for (const [schema, id] of named) this.#registry.add(schema, { id });
  }

  /** @param name for a shape that has none yet @returns a reference to it */
  refer(schema: z.ZodType, name: string): JsonSchema {
    if (!this.#registry.has(schema)) this.#registry.add(schema, { id: name });
    return { $ref: uri(this.#registry.get(schema)?.id ?? name) };
  }

  /** Of all that were referred to, by name. */
  describe(): Record<string, JsonSchema> {
    const override = this.#io === 'input' ? tidyUp : tidyUpAnswer;
    const { schemas } = z.toJSONSchema(this.#registry, { io: this.#io, uri, override });
    for (const schema of Object.values(schemas)) {
      delete schema.$schema;
      delete schema.$id;
    }
    return schemas;
  }
}

/** The members of an object that is written as a query string. @throws Error where it is not an object */
export function queryMembers(query: z.ZodType): Record<string, JsonSchema> {
  // Of the output: what the text in the URL stands for.
  const { properties = {} } = z.toJSONSchema(query, { io: 'output', override: tidyUp });
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, schema]) => (typeof schema === 'object' ? [[name, schema]] : [])),
  );
}

function uri(name: string): string {
  return `#/components/schemas/${name}`;
}

/** Takes out what says nothing. */
function tidyUp({ jsonSchema: schema }: { jsonSchema: JsonSchema }): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.format !== undefined) delete schema.pattern;
  if (isAnyName(schema.propertyNames)) delete schema.propertyNames;
}

/** Answers may get further fields at any time. */
function tidyUpAnswer({ jsonSchema: schema }: { jsonSchema: JsonSchema }): void {
  tidyUp({ jsonSchema: schema });
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}

function isAnyName(names: JsonSchema['propertyNames']): boolean {
  return typeof names === 'object' && names.type === 'string' && Object.keys(names).length === 1;
}
