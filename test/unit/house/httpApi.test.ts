import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { apiReference, type OpenApiDocument } from '../../../scripts/docs/apiReference.ts';
import { openApiDocument } from '../../../src/http/openApi.ts';

const path = join(import.meta.dirname, '..', '..', '..', 'docs', 'http-api.md');

/** Everything after this line is generated. */
const mark = /^<!-- Everything below is generated .* -->$/m;

describe('docs/http-api.md', () => {
  it('ends with the current routes, shapes and errors (UPDATE_DOCS=1 writes them)', async () => {
    const written = readFileSync(path, 'utf8');
    const [line] = mark.exec(written) ?? [];
    assert.ok(line, 'the line that starts the generated part');
    const own = written.slice(0, written.indexOf(line) + line.length);
    const whole = `${own}\n\n${apiReference(openApiDocument('') as unknown as OpenApiDocument)}\n`;
    const expected = await format(whole, { ...(await resolveConfig(path)), filepath: path });
    if (process.env['UPDATE_DOCS']) writeFileSync(path, expected);
    assert.equal(readFileSync(path, 'utf8'), expected);
  });

  it('has no broken links to its own headings', () => {
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
