import { errorMeanings } from '../../src/http/openApi.ts';
import { errorCodes } from '../../src/api/errors.ts';
import { errorCode } from '../../src/http/openApi.ts';
import { fieldsOf, type JsonSchema, meaningOf, typeOf } from './shapes.ts';

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

/** Renders the OpenAPI document as Markdown for people: routes, shapes and errors. */
export function apiReference({ paths, components }: OpenApiDocument): string {
  const all = Object.values(paths).flatMap((methods) => Object.values(methods));
  const common = errorCode.options.filter((code) => all.every((operation) => errorsOf(operation).includes(code)));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => route(`${method.toUpperCase()} ${path}`, operation, common)),
  );
  const shapes = Object.entries(components.schemas)
    .filter(([name]) => name !== 'ErrorCode')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => {
      const fields = fieldsOf(schema).map(({ name: field, type, meaning }) => [`\`${field}\``, type, meaning]);
      return `### ${name}\n\n${fields.length === 0 ? typeOf(schema) : table(['field', 'type', ''], fields)}`;
    });
  const errors = errorCode.options.map((code) => {
    const { status, retryable } = errorCodes[code];
    return [`\`${code}\``, String(status), retryable ? 'yes' : '', errorMeanings[code]];
  });
  return [
    '## Routes',
    `Every route can fail with ${quoted(common)}. Other errors are listed with each route.`,
    ...operations,
    '## Shapes',
    'A question mark marks an optional field.',
    ...shapes,
    '### ErrorCode',
    table(['code', 'status', 'retryable', ''], errors),
  ].join('\n\n');
}

function route(title: string, operation: Operation, common: readonly string[]): string {
  const { summary, parameters, requestBody, responses } = operation;
  const body = requestBody?.content['application/json'];
  const answers = Object.entries(responses).filter(([status]) => status < '300');
  const errors = errorsOf(operation).filter((code) => !common.includes(code));
  return [
    `### ${title}`,
    `${summary}.`,
    ...(parameters.length === 0 ? [] : [table(['parameter', 'in', 'type', ''], parameters.map(parameter))]),
    ...(body ? [`Body${requestBody.required ? '' : ' (may be empty)'}: ${typeOf(body.schema)}`] : []),
    answers.map(([status, answer]) => `- ${status}: ${describe(answer)}`).join('\n'),
    ...(errors.length === 0 ? [] : [`Errors: ${quoted(errors)}`]),
  ].join('\n\n');
}

function errorsOf({ responses }: Operation): string[] {
  return Object.values(responses).flatMap(({ description }) =>
    [...description.matchAll(/`(\w+)`:/g)].map(([, code = '']) => code),
  );
}

function quoted(codes: readonly string[]): string {
  return codes.map((code) => `\`${code}\``).join(', ');
}

function parameter({ name, in: place, required, description, schema }: Parameter): string[] {
  return [`\`${name}${required ? '' : '?'}\``, place, typeOf(schema), meaningOf({ ...schema, description })];
}

function describe({ description, content }: Operation['responses'][string]): string {
  const { 'application/json': json, ...others }: Operation['responses'][string]['content'] = content;
  const also = Object.entries(others).map(([type, { schema }]) => `\`${type}\`: ${schema.description}`);
  const what = `${json ? typeOf(json.schema) : ''}${description === 'Done' ? '' : `: ${description.toLowerCase()}`}`;
  return [what, ...also].join('. ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
