import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { bgjobsFile } from '../../../src/compose/bgjobsFile.ts';

const top = join(import.meta.dirname, '..', '..', '..');
const path = join(top, 'schemas', 'bgjobs.schema.json');

/** What the editor checks a bgjobs.yaml by. */
describe('The schema of bgjobs.yaml', () => {
  it('is that by which the file is read (UPDATE_MANIFEST=1 writes it)', () => {
    const schema = { ...z.toJSONSchema(bgjobsFile, { io: 'input', target: 'draft-7' }), title: 'bgjobs.yaml' };
    if (process.env['UPDATE_MANIFEST']) writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(JSON.stringify(schema)));
  });

  it('is published with the extension, for the files of its name', () => {
    const { contributes } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
      contributes: { yamlValidation: { fileMatch: string[]; url: string }[] };
    };
    const [{ fileMatch, url } = { fileMatch: [], url: '' }] = contributes.yamlValidation;
    assert.deepEqual(fileMatch, ['bgjobs.yaml', 'bgjobs.yml']);
    assert.equal(join(top, url), path);
    assert.match(readFileSync(join(top, '.vscodeignore'), 'utf8'), /^!schemas\/\*\*$/m);
  });

  it('takes the example of its page', () => {
    const page = readFileSync(join(top, 'docs', 'compose.md'), 'utf8');
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const { success, error } = bgjobsFile.safeParse(parse(example));
    assert.ok(success, error?.message);
  });
});
