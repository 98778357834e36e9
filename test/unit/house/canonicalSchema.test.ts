import assert from 'node:assert/strict';
import { canonicalSchema, type Json, type JsonObject } from '../../helpers/canonicalSchema.ts';

const root: JsonObject = {
  schemas: {
    State: { description: 'How it is', type: 'string', enum: ['b', 'a'] },
    Error: {
      type: 'object',
      properties: { code: { $ref: '#/schemas/State' }, title: { type: 'string' } },
      required: ['title', 'code'],
    },
  },
};
const canonical = (schema: Json): Json => canonicalSchema(schema, root);

describe('the one spelling of a JSON schema', () => {
  const same: Record<string, [Json, Json]> = {
    'order and texts': [
      { type: 'object', description: 'x', properties: { b: {}, a: { title: 'A' } }, required: ['b', 'a'] },
      { required: ['a', 'b'], properties: { a: {}, b: {} }, type: 'object', additionalProperties: true },
    ],
    references: [
      { $ref: '#/schemas/State', description: 'other' },
      { type: 'string', enum: ['a', 'b'] },
    ],
    'constants and enums': [
      { oneOf: [{ const: 'b' }, { type: 'string', const: 'a' }] },
      { type: 'string', enum: ['a', 'b'] },
    ],
    'null or not': [
      { anyOf: [{ type: 'null' }, { type: 'string', maxLength: 3 }] },
      { type: ['string', 'null'], maxLength: 3 },
    ],
    'null in an enum': [{ anyOf: [{ $ref: '#/schemas/State' }, { type: 'null' }] }, { enum: [null, 'b', 'a'] }],
    'nested choices': [
      { anyOf: [{ anyOf: [{ type: 'null' }, { type: 'number' }] }, { type: 'string' }] },
      { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
    ],
    'a part that is narrower': [
      { $ref: '#/schemas/Error', properties: { code: { enum: ['a'] } } },
      { allOf: [{ $ref: '#/schemas/Error' }, { properties: { code: { const: 'a' } } }] },
    ],
  };
  for (const [what, [one, other]] of Object.entries(same)) {
    it(`is the same for ${what}`, () => assert.deepEqual(canonical(one), canonical(other)));
  }

  it('keeps a member that is called like a text, and says everything that a reference means', () => {
    assert.deepEqual(canonical({ $ref: '#/schemas/Error', properties: { code: { enum: ['a'] } } }), {
      properties: { code: { enum: ['a'], type: 'string' }, title: { type: 'string' } },
      required: ['code', 'title'],
      type: 'object',
    });
  });

  const schema: JsonObject = {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 1, default: 5 }, s: { type: 'string', pattern: '^a' } },
    required: ['n'],
    additionalProperties: false,
  };
  const members = schema['properties'] as Record<string, JsonObject>;
  const changes: Record<string, JsonObject> = {
    'a type': { ...schema, properties: { ...members, n: { type: 'number', minimum: 1, default: 5 } } },
    'a bound': { ...schema, properties: { ...members, n: { type: 'integer', minimum: 0, default: 5 } } },
    'a default': { ...schema, properties: { ...members, n: { type: 'integer', minimum: 1 } } },
    'a pattern': { ...schema, properties: { ...members, s: { type: 'string' } } },
    'a member': { ...schema, properties: { ...members, more: {} } },
    'what is required': { ...schema, required: ['n', 's'] },
    'what else is taken': { type: 'object', properties: members, required: ['n'] },
    'null or not': { ...schema, properties: { ...members, s: { type: ['string', 'null'], pattern: '^a' } } },
  };
  for (const [what, changed] of Object.entries(changes)) {
    it(`is another for another of ${what}`, () => assert.notDeepEqual(canonical(changed), canonical(schema)));
  }
});
