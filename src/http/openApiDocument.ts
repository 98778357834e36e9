import { errorCodes } from '../api/errors.ts';
import { type Route, routes } from '../api/routes.ts';
import { errorCode } from '../api/validate.ts';
import { errorAnswers, errorMeanings, type ErrorAnswer } from './openApiErrors.ts';
import { queryMembers, Shapes, type JsonSchema } from './openApiShapes.ts';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly Record<string, readonly string[]>[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content: Content } | ErrorAnswer>
  >;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

export type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

/**
 * The table of routes as OpenAPI 3.1.
 * @param version of this software
 */
export function openApiDocument(version: string): OpenApiDocument {
  const requests = new Shapes('input');
  const answers = new Shapes('output');
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = operation(name, route, requests, answers);
  }
  const schemas = { ...requests.describe(), ...answers.describe() };
  const securitySchemes = {
    token: { type: 'http', scheme: 'bearer', description: '`token` of host.json, or what `bgjobs serve` prints' },
  };
  return {
    openapi: '3.1.1',
    info: { title: 'Background Jobs', version, description },
    security: [{ token: [] }],
    paths,
    components: { schemas: withErrorTable(schemas), securitySchemes },
  };
}

const description =
  'The HTTP API of the job host: start, watch and stop background jobs. Times are in ISO 8601, UTC; what ends in Ms is ' +
  'in milliseconds. What is not known is null, never absent. Answers may get further fields.';

function operation(name: string, route: Route, requests: Shapes, answers: Shapes): Operation {
  const { path, summary, body, response, status = 200, otherStatus = {} } = route;
  const title = name[0]?.toUpperCase() + name.slice(1);
  const success = (meaning: string) => ({
    description: meaning,
    content: {
      'application/json': { schema: answers.refer(response, `${title}Answer`) },
      ...Object.fromEntries(Object.entries(route.also ?? {}).map(([type, how]) => [type, { schema: otherwise(how) }])),
    },
  });
  return {
    operationId: name,
    summary,
    tags: [path.split('/')[2] ?? ''],
    parameters: [...pathParameters(path), ...queryParameters(route), ...headerParameters(route)],
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { 'application/json': { schema: requests.refer(body, `${title}Request`) } },
      },
    }),
    responses: {
      [status]: success('Done'),
      ...Object.fromEntries(Object.entries(otherStatus).map(([other, meaning]) => [other, success(meaning)])),
      ...errorAnswers(route, answers),
    },
  };
}

function otherwise(how: string): JsonSchema {
  return { type: 'string', description: how };
}

const pathMeanings: Readonly<Record<string, string>> = {
  id: "A job's id, or any unique prefix of it",
  runId: "A run's id: the job's id, a dot, and the number of the run",
};

function pathParameters(path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: pathMeanings[name] ?? '',
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route): Parameter[] {
  if (!query) return [];
  const missing = query.safeParse({}).error?.issues.map(({ path: [name] }) => name) ?? [];
  return Object.entries(queryMembers(query)).map(([name, { description: meaning = '', ...schema }]) => ({
    name,
    in: 'query',
    required: missing.includes(name),
    description: meaning,
    schema,
  }));
}

function headerParameters({ also = {} }: Route): Parameter[] {
  if (!('text/event-stream' in also)) return [];
  const meaning = 'The number of the last event that is known: what a browser sends when it connects again';
  const schema: JsonSchema = { type: 'string', pattern: '^\\d+$' };
  return [{ name: 'Last-Event-ID', in: 'header', required: false, description: meaning, schema }];
}

/** For programs: status and whether trying again may help, of each code. */
function withErrorTable(schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const table: Record<string, object> = {};
  for (const code of errorCode.options) table[code] = { ...errorCodes[code], meaning: errorMeanings[code] };
  return { ...schemas, ErrorCode: { ...schemas['ErrorCode'], 'x-codes': table } };
}
