import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { packageScripts } from '../../../../src/extension/start/scripts.ts';

describe('The scripts of a package', () => {
  const scripts = { build: 'tsc', 'test all': 'mocha', broken: 1 };
  let top: string;
  let folder: string;
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'bj-scripts-'));
    folder = join(top, 'packages', 'app');
    mkdirSync(folder, { recursive: true });
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const first = async (manifest: object): Promise<string | undefined> => {
    const text = JSON.stringify(manifest);
    writeFileSync(join(folder, 'package.json'), text);
    return (await packageScripts(text, folder))[0]?.command;
  };

  it('are run by npm when nothing says otherwise', async () => {
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    assert.deepEqual(await packageScripts(JSON.stringify({ scripts }), folder), [
      { name: 'build', description: 'tsc', command: 'npm run build' },
      { name: 'test all', description: 'mocha', command: "npm run 'test all'" },
    ]);
  });

  it('are run by the manager that the manifest or a lock file names', async () => {
    writeFileSync(join(folder, 'pnpm-lock.yaml'), '');
    assert.equal(await first({ scripts }), 'pnpm run build');
    assert.equal(await first({ scripts, packageManager: 'yarn@4.1.0' }), 'yarn run build');
  });

  it('are run by the manager of the folder that the package is part of', async () => {
    writeFileSync(join(top, 'bun.lock'), '');
    assert.equal(await first({ scripts }), 'bun run build');
  });

  for (const [lock, manager, command] of [
    ['package-lock.json', 'npm', 'npm run build'],
    ['pnpm-lock.yaml', 'pnpm', 'pnpm run build'],
    ['yarn.lock', 'yarn', 'yarn run build'],
    ['bun.lock', 'bun', 'bun run build'],
    ['deno.lock', 'deno', 'deno task build'],
  ] as const) {
    it(`are run by ${manager} in a workspace of ${manager}, which its lock file or its manifest tells`, async () => {
      writeFileSync(join(top, lock), '');
      assert.equal(await first({ scripts }), command);
      rmSync(join(top, lock));
      writeFileSync(
        join(top, 'package.json'),
        JSON.stringify({ workspaces: ['packages/*'], packageManager: `${manager}@4.5.6` }),
      );
      assert.equal(await first({ scripts }), command);
    });
  }

  it('are run by what the user has chosen', async () => {
    writeFileSync(join(folder, 'pnpm-lock.yaml'), '');
    const text = JSON.stringify({ scripts });
    const commands = ['yarn', 'node', 'deno'].map(
      async (runner) => (await packageScripts(text, folder, runner))[0]?.command,
    );
    assert.deepEqual(await Promise.all(commands), ['yarn run build', 'node --run build', 'deno task build']);
  });

  it('are run by npm when the manifest names the manager in no way that can be read', async () => {
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    assert.equal(await first({ scripts, packageManager: null }), 'npm run build');
    assert.equal(await first({ scripts, packageManager: 'unknown@1' }), 'npm run build');
  });

  it('are an empty list when the file is missing or broken', async () => {
    for (const text of ['', '{', '[]', '{"scripts": 3}', 'null', '{}']) {
      assert.deepEqual(await packageScripts(text, folder), []);
    }
  });
});
