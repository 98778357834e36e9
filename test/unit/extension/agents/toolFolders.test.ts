import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInFolders } from '../../../../src/extension/agents/confirmation.ts';

describe('the folders of the workspace', () => {
  let top: string;
  const at = (...parts: string[]): string => join(top, ...parts);

  before(() => {
    top = mkdtempSync(join(tmpdir(), 'bj-folders-'));
    for (const folder of ['one/sub', 'one/..sub', 'two', 'one-more']) mkdirSync(at(folder), { recursive: true });
    symlinkSync(at('two'), at('one', 'link'));
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  it('contain themselves and what is inside', () => {
    for (const inside of [['one'], ['one', 'sub'], ['one', '..sub'], ['one', 'sub', '..']]) {
      assert.equal(isInFolders(at(...inside), [at('one')]), true, inside.join('/'));
    }
    assert.equal(isInFolders(at('two'), [at('one'), at('two')]), true);
  });

  it('do not contain neighbors, parents, links that lead out, or missing paths', () => {
    for (const outside of [['two'], ['one-more'], ['.'], ['one', 'link'], ['one', 'missing']]) {
      assert.equal(isInFolders(at(...outside), [at('one')]), false, outside.join('/'));
    }
    assert.equal(isInFolders(at('one'), []), false);
  });
});
