import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInFolders } from '../../../../src/extension/agents/toolFolders.ts';

describe('the folders of the workspace', () => {
  let top: string;
  const at = (...parts: string[]): string => join(top, ...parts);

  before(() => {
    top = mkdtempSync(join(tmpdir(), 'bj-folders-'));
    for (const folder of ['one/sub', 'one/..sub', 'two', 'one-more']) mkdirSync(at(folder), { recursive: true });
    symlinkSync(at('two'), at('one', 'link'));
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  it('hold themselves and what lies in them', () => {
    for (const inside of [['one'], ['one', 'sub'], ['one', '..sub'], ['one', 'sub', '..']]) {
      assert.equal(isInFolders(at(...inside), [at('one')]), true, inside.join('/'));
    }
    assert.equal(isInFolders(at('two'), [at('one'), at('two')]), true);
  });

  it('hold nothing else: neighbours, parents, links that lead out, what is not there', () => {
    for (const outside of [['two'], ['one-more'], ['.'], ['one', 'link'], ['one', 'missing']]) {
      assert.equal(isInFolders(at(...outside), [at('one')]), false, outside.join('/'));
    }
    assert.equal(isInFolders(at('one'), []), false);
  });
});
