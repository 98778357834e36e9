import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');
const documents = ['security.md', 'faults.md', 'reliability.md'].filter((name) => existsSync(join(root, 'docs', name)));

/** A test in a document: a link to its file, and its title in quotes. */
const named = /\]\(\.\.\/(test\/[^)]+)\)(?: "([^"]+)")?/g;

describe('the tests that documents name', () => {
  for (const name of documents) {
    it(`exist by file and title: docs/${name}`, () => {
      const tests = [...readFileSync(join(root, 'docs', name), 'utf8').matchAll(named)];
      for (const [, path = '', title] of tests) {
        assert.ok(title !== undefined, `${path}: the title is missing`);
        const file = join(root, path);
        assert.ok(existsSync(file), path);
        assert.ok(
          titlesOf(readFileSync(file, 'utf8')).some((pattern) => pattern.test(title)),
          `${path}: ${title}`,
        );
      }
      assert.ok(name === 'reliability.md' || tests.length > 20, `${tests.length} tests are named`);
    });
  }
});

/** A title may hold values. A document names it with values of a test, or as it is written. */
function titlesOf(source: string): RegExp[] {
  const titles = [...source.matchAll(/^\s*it\(\s*(['"`])(.*?)(?<!\\)\1/gm)].map(([, , title = '']) => title);
  return titles.map((title) => {
    const parts = title.replaceAll(/\\(.)/g, '$1').split(/\$\{[^}]*\}/);
    return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('.+')}$`);
  });
}
