import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { justRecipes } from '../../../../src/extension/start/justRecipes.ts';
import { envWithJust, justFixtures } from '../../../helpers/just.ts';

describe('The recipes of a justfile', () => {
  let folder: string;
  before(function () {
    if (process.platform === 'win32') this.skip(); // The stand-in for just is a shell script.
    folder = mkdtempSync(join(tmpdir(), 'bj-just-'));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** @param dump what just prints of it */
  const recipesOf = (dump: string): ReturnType<typeof justRecipes> => {
    const file = join(folder, 'justfile');
    writeFileSync(`${file}.dump.json`, dump);
    return justRecipes(file, envWithJust());
  };

  it('are those that just names, without private ones, with what has to be given', async () => {
    const recipes = await justRecipes(join(justFixtures, 'justfile'), envWithJust());
    assert.deepEqual(recipes, [
      { name: 'build', description: 'Build all of it', required: [] },
      {
        name: 'deploy',
        description: '',
        required: [
          { name: 'env', several: false },
          { name: 'key', several: false },
        ],
      },
      { name: 'run', description: '', required: [{ name: 'first', several: false }] },
      {
        name: 'test',
        description: '',
        required: [
          { name: 'target', several: false },
          { name: 'files', several: true },
        ],
      },
      { name: 'tools::format', description: 'Format the code', required: [] },
    ]);
  });

  it('may come from a just that names neither modules nor paths', async () => {
    const old = { recipes: { all: { name: 'all', doc: null, private: false, parameters: [] } } };
    assert.deepEqual(await recipesOf(JSON.stringify(old)), [{ name: 'all', description: '', required: [] }]);
  });

  it('are none when just fails or prints something else', async () => {
    assert.deepEqual(await justRecipes(join(folder, 'missing'), envWithJust()), []);
    assert.deepEqual(await recipesOf('just 1.0'), []);
    assert.deepEqual(await recipesOf('{"recipes": 3}'), []);
  });

  it('are none where just is not installed', async () => {
    assert.deepEqual(await justRecipes(join(justFixtures, 'justfile'), { PATH: folder }), []);
  });
});
