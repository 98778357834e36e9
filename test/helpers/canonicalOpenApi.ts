import { canonicalSchema, isObject, mapValues, sorted, type Json, type JsonObject } from './canonicalSchema.ts';

/** The contract of an OpenAPI document, in canonical form and without the texts for readers. */
export function canonicalOpenApi(document: JsonObject): JsonObject {
  const { openapi, security = [], paths, components } = document;
  const securitySchemes = member(components, 'securitySchemes');
  return sorted({
    openapi: (openapi as string).split('.').slice(0, 2).join('.'),
    security,
    securitySchemes: sorted(mapValues(securitySchemes, (scheme) => without(scheme, 'description'))),
    errorCodes: errorCodes(document),
    paths: sorted(mapValues(object(paths), (operations) => sorted(mapValues(object(operations), operation)))),
  });

  function operation(value: Json): JsonObject {
    const { parameters = [], requestBody, responses, operationId = null, security: own } = object(value);
    const body = requestBody === undefined ? undefined : object(requestBody);
    return {
      operationId,
      ...(own !== undefined && { security: own }),
      parameters: sorted(Object.fromEntries((parameters as JsonObject[]).map(parameter))),
      ...(body && { requestBody: { required: body['required'] ?? false, ...content(body) } }),
      responses: sorted(
        mapValues(object(responses), (response) => ({
          ...without(response, 'description', 'content'),
          ...content(response),
        })),
      ),
    };
  }

  function parameter({ name, in: place, required = false, schema = {}, ...others }: JsonObject): [string, Json] {
    const more = without(others, 'description', 'example', 'examples');
    return [`${place as string} ${name as string}`, { ...more, required, schema: canonicalSchema(schema, document) }];
  }

  function content(of: Json): JsonObject {
    return sorted(
      mapValues(member(of, 'content'), (media) => canonicalSchema(object(media)['schema'] ?? {}, document)),
    );
  }
}

/** The table of error codes, wherever it is in the document. */
function errorCodes(value: Json): Json {
  if (typeof value !== 'object' || value === null) return null;
  const table = isObject(value) ? value['x-codes'] : undefined;
  if (isObject(table)) return sorted(mapValues(table, (code) => sorted(without(code, 'meaning'))));
  return Object.values(value).reduce<Json>((found, part) => found ?? errorCodes(part), null);
}

function object(value: Json | undefined): JsonObject {
  if (!isObject(value)) throw new Error(`no object: ${JSON.stringify(value)}`);
  return value;
}

function member(value: Json | undefined, name: string): JsonObject {
  return object(object(value)[name] ?? {});
}

function without(value: Json, ...names: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object(value)).filter(([name]) => !names.includes(name)));
}
