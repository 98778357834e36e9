import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { section, settings, taskType } from '../../../src/extension/base/ids.ts';
import { taskDefinition, template } from '../../../src/extension/definitions/jobDefinition.ts';

const top = join(import.meta.dirname, '..', '..', '..');
const prefix = 'option';

type Schema = Record<string, unknown>;

interface Manifest {
  contributes: { taskDefinitions?: Schema[]; configuration: { properties: Record<string, Schema> }[] };
}

/** A schema as the manifest has it: with keys for its descriptions, which are collected in `words`. */
function schemaOf(type: z.ZodType, words: Record<string, string>): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io: 'input' });
  return JSON.parse(JSON.stringify(nameWords(schema, prefix, words))) as Schema;
}

function nameWords(part: unknown, key: string, words: Record<string, string>): unknown {
  if (Array.isArray(part)) return part.map((item) => nameWords(item, key, words));
  if (typeof part !== 'object' || part === null) return part;
  const { description, properties, maximum, ...rest } = part as Schema;
  const named = (name: string, value: unknown): [string, unknown] => [name, nameWords(value, `${key}.${name}`, words)];
  if (typeof description === 'string') {
    assert.equal(words[key] ?? description, description, key);
    words[key] = description;
  }
  return {
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, nameWords(value, key, words)])),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
    ...(description === undefined ? {} : { description: `%${key}%` }),
    ...(isSchema(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => named(name, value))) }
      : {}),
  };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}

/** Reads a JSON file, and writes it when it is to be changed. */
function openJson<Content>(name: string): { content: Content; save: () => void } {
  const path = join(top, name);
  const content = JSON.parse(readFileSync(path, 'utf8')) as Content;
  return { content, save: () => writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`) };
}

const isOption = (key: string): boolean => key.startsWith(`${prefix}.`);

describe('The options of a job in the manifest', () => {
  it('are those of a start, for templates and for tasks (UPDATE_MANIFEST=1 writes them)', () => {
    const words: Record<string, string> = {};
    const ofTemplate = schemaOf(template, words);
    const { properties } = schemaOf(taskDefinition, words);
    const tasks = [{ type: taskType, properties }];

    const manifest = openJson<Manifest>('package.json');
    const texts = openJson<Record<string, string>>('package.nls.json');
    const { contributes } = manifest.content;
    const groups = contributes.configuration.map(({ properties: group }) => group[`${section}.${settings.templates}`]);
    const setting = groups.find((found) => found !== undefined);
    assert.ok(setting);
    if (process.env['UPDATE_MANIFEST']) {
      setting['additionalProperties'] = ofTemplate;
      contributes.taskDefinitions = tasks;
      for (const key of Object.keys(texts.content)) if (isOption(key)) delete texts.content[key];
      Object.assign(texts.content, words);
      manifest.save();
      texts.save();
    }
    assert.deepEqual(setting['additionalProperties'], ofTemplate);
    assert.deepEqual(contributes.taskDefinitions, tasks);
    const written = Object.entries(texts.content).filter(([key]) => isOption(key));
    assert.deepEqual(Object.fromEntries(written), words);
  });
});
