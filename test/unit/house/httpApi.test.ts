import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { apiReference } from '../../../scripts/docs/apiReference.ts';
import { openApiDocument } from '../../../src/http/openApiDocument.ts';

const path = join(import.meta.dirname, '..', '..', '..', 'docs', 'http-api.md');

/** The line behind which everything is made. */
const mark = /^<!-- What follows is made .* -->$/m;

describe('docs/http-api.md', () => {
  it('ends with the routes, shapes and errors as they are (UPDATE_DOCS=1 writes it)', async () => {
    const written = readFileSync(path, 'utf8');
    const [line] = mark.exec(written) ?? [];
    assert.ok(line, 'the mark is there');
    const own = written.slice(0, written.indexOf(line) + line.length);
    const whole = `${own}\n\n${apiReference(openApiDocument(''))}\n`;
    const expected = await format(whole, { ...(await resolveConfig(path)), filepath: path });
    if (process.env['UPDATE_DOCS']) writeFileSync(path, expected);
    assert.equal(readFileSync(path, 'utf8'), expected);
  });

  it('links to nothing that is not there', () => {
    const text = readFileSync(path, 'utf8');
    const anchors = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => anchor(title)));
    for (const [, target = ''] of text.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.has(target), target);
  });
});

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
