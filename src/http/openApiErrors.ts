import { type ErrorCode, errorCodes } from '../api/errors.ts';
import type { Route } from '../api/routes.ts';
import { errorBody, errorCode } from '../api/validate.ts';
import type { JsonSchema, Shapes } from './openApiShapes.ts';

/** For the reader of the document. */
export const errorMeanings: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'Something in the path, the query or the body is not understood; the message names each mistake',
  unknown_signal: 'There is no signal of that name; details.known lists them',
  cwd_not_found: 'The working directory does not exist',
  unauthorized: 'The token is missing or wrong',
  policy_denied: 'The deny list of the user forbids it to agents',
  forbidden_origin: 'The Host header names another server, or a web page of another origin asks',
  job_not_found: 'No job has that id; details.jobs lists the newest',
  run_not_found: 'No run has that id or number',
  route_not_found: 'There is no such method and path',
  invalid_state: 'Not possible in the state the job is in; details.status says which',
  job_already_ended: 'It has ended already',
  run_superseded: 'A newer run of the job has begun',
  payload_too_large: 'The body, or the request line with its headers, is too long',
  limit_reached: 'The limit of running jobs is reached, and ifFull was reject',
  internal: 'A bug; the log of the job host has the details',
  host_stopping: 'The job host is leaving; jobs run on, the next host answers',
  host_unreachable: 'There is no job host behind this address',
  disk_full: 'There is no room on the disk; nothing was stored',
};

export interface ErrorAnswer {
  readonly description: string;
  readonly content: { readonly 'application/json': { readonly schema: JsonSchema } };
}

/** What a route can fail with, by HTTP status. */
export function errorAnswers(route: Route, shapes: Shapes): Record<number, ErrorAnswer> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(route)) {
    const { status } = errorCodes[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, errorAnswer(codes, shapes)]));
}

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
export function errorsOf({ method, path, errors = [] }: Route): ErrorCode[] {
  const possible = new Set<ErrorCode>([...always, ...errors]);
  if (path.includes('{id}')) possible.add('job_not_found');
  if (path.includes('{runId}')) possible.add('run_not_found');
  if (method !== 'GET') possible.add('disk_full');
  return errorCode.options.filter((code) => possible.has(code));
}

function errorAnswer(codes: readonly ErrorCode[], shapes: Shapes): ErrorAnswer {
  const description = codes.map((code) => `\`${code}\`: ${errorMeanings[code]}`).join('. ');
  const only: JsonSchema = { properties: { error: { properties: { code: { enum: [...codes] } } } } };
  const schema = { ...shapes.refer(errorBody, 'Error'), ...only };
  return { description, content: { 'application/json': { schema } } };
}
