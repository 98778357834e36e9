import * as z from 'zod';
import {
  createDocument,
  type CreateDocumentOptions,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import * as codingAgent from '../api/codingAgent.ts';
import * as control from '../api/control.ts';
import { type Endpoint, endpointNotes, endpoints, type Verb } from '../api/endpoints.ts';
import { type ErrorBody, type ErrorCode, errorCodes } from '../api/errors.ts';
import { endReason, jobStatus } from '../api/options.ts';
import * as events from '../api/events.ts';
import * as hooks from '../api/hooks.ts';
import * as host from '../api/host.ts';
import * as inspection from '../api/inspection.ts';
import * as job from '../api/job.ts';
import * as jobUpdate from '../api/jobUpdate.ts';
import * as output from '../api/output.ts';
import * as start from '../api/options.ts';

export const errorCode = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

export const errorBody: z.ZodType<ErrorBody> = z.object({
  error: z.object({
    code: errorCode,
    message: z.string(),
    details: z.record(z.string(), z.unknown()).nullable(),
    retryable: z.boolean(),
  }),
});

/** The schemas that the table of endpoints names. */
const schemas = {
  ...codingAgent,
  ...control,
  ...events,
  ...hooks,
  ...host,
  ...inspection,
  ...job,
  ...jobUpdate,
  ...output,
  ...start,
};

/** @throws Error where there is no schema of that name */
export function schemaOf(name: string): z.ZodType {
  const schema = (schemas as Readonly<Record<string, unknown>>)[name.replace('?', '')];
  if (schema instanceof z.ZodType) return schema;
  throw new Error(`no schema is named ${name}`);
}

/** The schemas with a name of their own in the document. */
const components: Record<string, z.ZodType> = {
  Job: job.job,
  Run: job.run,
  JobList: job.jobList,
  JobStatus: jobStatus,
  EndReason: endReason,
  StartError: job.startError,
  Process: job.processInfo,
  LiveProcess: inspection.liveProcess,
  Inspection: inspection.inspection,
  Chunk: output.chunk,
  Output: output.output,
  CodingAgent: job.codingAgent,
  AgentEvent: codingAgent.agentEvent,
  AgentEventPage: codingAgent.agentEventPage,
  Event: events.jobEvent,
  EventPage: events.eventPage,
  KillResult: control.killResult,
  KillManyResult: control.killManyResult,
  ChangeManyResult: control.changeManyResult,
  WaitManyResult: control.waitManyResult,
  WaitResult: control.waitResult,
  CleanupResult: control.cleanupResult,
  Host: host.hostInfo,
  Limits: host.limits,
  Settings: host.settings,
  Metrics: host.metrics,
  Queue: control.queue,
  ErrorCode: errorCode,
};

const description =
  'The HTTP API of the job host: start, watch and stop background jobs. Times are in ISO 8601, UTC; fields whose names ' +
  'end in Ms are in milliseconds. Unknown values are null, never absent. Later versions may add fields to answers.';

/**
 * The table of endpoints as OpenAPI 3.1.
 * @param version of this software
 */
export function openApiDocument(version: string): ReturnType<typeof createDocument> {
  const names = new Map(Object.entries(components).map(([name, schema]) => [schema, name]));
  const named = (schema: z.ZodType, name: string): z.ZodType => {
    if (!names.has(schema)) names.set(schema, name);
    return schema;
  };
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const verb of Object.keys(endpoints) as Verb[]) {
    const endpoint: Endpoint = endpoints[verb];
    const title = `${verb[0]?.toUpperCase()}${verb.slice(1)}`;
    const { list } = endpoint;
    const one = endpoint.body && named(schemaOf(endpoint.body), `${title}Request`);
    const body = one && list ? z.union([one, schemaOf(list.body)]) : one;
    const answer = named(schemaOf(endpoint.answer), `${title}Answer`);
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = {
      operationId: verb,
      summary: endpointNotes[verb].summary,
      tags: [endpoint.path.split('/')[2] ?? ''],
      ...parameters(verb),
      ...(body && {
        requestBody: {
          required: endpoint.body?.endsWith('?') === false,
          content: { 'application/json': { schema: body } },
        },
      }),
      responses: { ...successes(verb, answer), ...failures(verb) },
    };
  }
  const token = {
    type: 'http',
    scheme: 'bearer',
    description: 'The `token` in host.json, or the token that `bgjobs serve` prints',
  } as const;
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: { title: 'Background Jobs', version, description },
    security: [{ token: [] }],
    paths,
    components: { schemas: { Error: errorBody }, securitySchemes: { token } },
  };
  return withNames(names, () => createDocument(document, { override }));
}

/** zod-openapi reads names from zod's global registry. The schemas of tools must not refer to them, so they are removed. */
function withNames<T>(names: ReadonlyMap<z.ZodType, string>, create: () => T): T {
  const before = [...names.keys()].map((schema) => [schema, z.globalRegistry.get(schema)] as const);
  try {
    for (const [schema, id] of names) z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id });
    return create();
  } finally {
    for (const [schema, meta] of before) {
      z.globalRegistry.remove(schema);
      if (meta) z.globalRegistry.add(schema, meta);
    }
  }
}

const pathParameters: Readonly<Record<string, z.ZodType>> = {
  id: z
    .string()
    .describe('Job id, any unique prefix of it, its name, `@last` or `@failed`; `ID:NUMBER` for a task of an array'),
  name: z.string().describe('Name of a hook'),
  runId: z.string().describe('Run id: the job id, a dot, and the run number'),
};

const lastEventId = z
  .string()
  .regex(/^\d+$/)
  .optional()
  .describe('The number of the last event received. Browsers send it when they reconnect');

function parameters(verb: Verb): Pick<ZodOpenApiOperationObject, 'requestParams'> {
  const { path, query }: Endpoint = endpoints[verb];
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, pathParameters[name]] as const);
  return {
    requestParams: {
      path: z.object(Object.fromEntries(names) as Record<string, z.ZodType>),
      ...(query && { query: schemaOf(query) as z.ZodObject }),
      ...(verb === 'getEvents' && { header: z.object({ 'Last-Event-ID': lastEventId }) }),
    },
  };
}

function successes(verb: Verb, answer: z.ZodType): ZodOpenApiResponsesObject {
  const { status = 200, list }: Endpoint = endpoints[verb];
  const { otherStatus = {}, also = {} } = endpointNotes[verb];
  const others = Object.entries(also).map(([type, meaning]) => {
    return [type, { schema: { type: 'string', description: meaning } as const }] as const;
  });
  const content = (schema: z.ZodType) => ({ 'application/json': { schema }, ...Object.fromEntries(others) });
  const meanings = Object.entries({ [status]: 'Done', ...otherStatus });
  return Object.fromEntries(
    meanings.map(([code, meaning]) => {
      const schema = list && code === '200' ? z.union([answer, schemaOf(list.answer)]) : answer;
      return [code, { description: meaning, content: content(schema) }];
    }),
  );
}

/** What an endpoint can fail with, by HTTP status. */
function failures(verb: Verb): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(errorsOf(verb), (code) => errorCodes[code].status);
  const answers = [...byStatus].map(([status, codes]) => {
    const only = { properties: { error: { properties: { code: { enum: [...codes] } } } } };
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error', ...only } } };
    return [status, { description: codes.map((code) => `\`${code}\`: ${errorMeanings[code]}`).join('. '), content }];
  });
  return Object.fromEntries(answers) as ZodOpenApiResponsesObject;
}

/** For the reader of the document. */
export const errorMeanings: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'The path, the query or the body is invalid; the message names each mistake',
  unknown_signal: 'No signal has that name; details.known lists the known names',
  cwd_not_found: 'The working directory does not exist',
  unauthorized: 'The token is missing or wrong',
  policy_denied: "The user's deny list does not allow this for agents",
  forbidden_origin: 'The Host header names another server, or the request comes from a web page of another origin',
  job_not_found: 'No job has that id; details.jobs lists the newest jobs',
  run_not_found: 'No run has that id or number',
  hook_not_found: 'No hook has that name; the message names the hooks',
  route_not_found: 'No endpoint has this method and path',
  invalid_state: 'Not possible in the current status of the job; see details.status',
  job_already_ended: 'The job has already ended',
  run_superseded: 'A newer run of the job has begun',
  payload_too_large: 'The body, or the request line with its headers, is too long',
  limit_reached: 'A limit on running jobs is reached, and ifFull is reject',
  quota_exceeded: 'A quota of waiting jobs is used up; see details.scope and details.maximum',
  internal: 'A bug; the log of the job host has the details',
  host_stopping: 'The job host is stopping. Jobs keep running, and the next host answers',
  host_unreachable: 'No job host answers at this address',
  disk_full: 'The disk is full or cannot be written; nothing was stored',
};

const always = [
  'invalid_request',
  'unauthorized',
  'forbidden_origin',
  'payload_too_large',
  'internal',
  'host_stopping',
  'host_unreachable',
] as const satisfies ErrorCode[];

/** In the order of the table of errors. */
export function errorsOf(verb: Verb): ErrorCode[] {
  const { method, path } = endpoints[verb];
  const { errors = [] } = endpointNotes[verb];
  const possible = new Set<ErrorCode>([...always, ...errors]);
  if (path.includes('{id}')) possible.add('job_not_found');
  if (path.includes('{runId}')) possible.add('run_not_found');
  if (method !== 'GET') possible.add('disk_full');
  return errorCode.options.filter((code) => possible.has(code));
}

/** Removes keywords that constrain nothing, and those that would forbid later versions to add fields to answers. */
const override: NonNullable<CreateDocumentOptions['override']> = ({ jsonSchema: schema, zodSchema, io }) => {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.format !== undefined) delete schema.pattern;
  if (JSON.stringify(schema.propertyNames) === '{"type":"string"}') delete schema.propertyNames;
  if (io === 'output' && schema.additionalProperties === false) delete schema.additionalProperties;
  const { def } = zodSchema._zod;
  // As zod writes it: without a discriminator this is a plain choice.
  if (def.type === 'union' && schema.oneOf && !schema.discriminator) {
    schema.anyOf = schema.oneOf;
    delete schema.oneOf;
    delete schema.type;
  }
  // What a word in a query stands for (z.stringbool).
  if (def.type === 'default' && typeof def.defaultValue === 'boolean') {
    schema.type = 'boolean';
    schema.default = def.defaultValue;
  }
  // For programs: status and whether trying again may help, of each code.
  if (zodSchema === errorCode) schema['x-codes'] = codesWithMeanings();
};

function codesWithMeanings(): object {
  return Object.fromEntries(
    errorCode.options.map((code) => [code, { ...errorCodes[code], meaning: errorMeanings[code] }]),
  );
}
