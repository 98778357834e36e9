import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, mapValues, type Json, type JsonObject } from './canonicalSchema.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'contract');

/** Minimum length of a text that is replaced by a reference. */
const longEnough = 200;

/**
 * Compares a contract that other programs rely on with its snapshot, a file in test/fixtures/contract.
 * UPDATE_CONTRACT=1 writes the snapshot instead; use it only for an intended change.
 * @param section of the file, if several tests share one
 */
export function assertContract(name: string, actual: JsonObject, section?: string): void {
  const path = join(folder, `${name}.json`);
  const stored = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as JsonObject) : {};
  const now = shortened(actual);
  if (process.env['UPDATE_CONTRACT'] === '1') {
    writeFileSync(path, `${JSON.stringify(section === undefined ? now : { ...stored, [section]: now }, null, 2)}\n`);
    return;
  }
  const found = differences((section === undefined ? stored : stored[section]) ?? {}, now, section ?? '');
  const shown = found.slice(0, 40).join('\n');
  assert.equal(found.length, 0, `${found.length} differences from ${path}:\n${shown}`);
}

/** Replaces repeated parts by a reference to the place of the first one. */
function shortened(document: JsonObject): JsonObject {
  const places = new Map<string, string>();
  const shorten = (value: Json, place: string): Json => {
    if (typeof value !== 'object' || value === null) return value;
    const text = JSON.stringify(value);
    if (text.length > longEnough) {
      const known = places.get(text);
      if (known !== undefined) return { sameAs: known };
      places.set(text, place);
    }
    if (Array.isArray(value)) return value.map((item, index) => shorten(item, `${place} > ${index}`));
    return mapValues(value, (member, name) => shorten(member, place === '' ? name : `${place} > ${name}`));
  };
  return shorten(document, '') as JsonObject;
}

function differences(expected: Json | undefined, actual: Json | undefined, place: string): string[] {
  if (isObject(expected) && isObject(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...names].flatMap((name) => differences(expected[name], actual[name], `${place} > ${name}`));
  }
  const [was, is] = [expected, actual].map((value) => JSON.stringify(value)?.slice(0, 300) ?? 'absent');
  return JSON.stringify(expected) === JSON.stringify(actual) ? [] : [`${place}: was ${was}, is ${is}`];
}
