import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { packageScripts } from '../../../../src/extension/start/packageScripts.ts';

describe('The scripts of a package', () => {
  const scripts = JSON.stringify({ scripts: { build: 'tsc', 'test all': 'mocha', broken: 1 } });

  it('are run by npm when nothing says otherwise', () => {
    assert.deepEqual(packageScripts(scripts, ['package-lock.json']), [
      { name: 'build', script: 'tsc', command: 'npm run build' },
      { name: 'test all', script: 'mocha', command: "npm run 'test all'" },
    ]);
  });

  it('are run by the manager that the manifest or a lock file names', () => {
    const first = (text: string, files: string[]): string | undefined => packageScripts(text, files)[0]?.command;
    assert.equal(first(scripts, ['pnpm-lock.yaml']), 'pnpm run build');
    assert.equal(
      first(JSON.stringify({ scripts: { a: 'b' }, packageManager: 'yarn@4.1.0' }), ['bun.lock']),
      'yarn run a',
    );
  });

  it('are run by npm when the manifest names the manager in no way that can be read', () => {
    assert.equal(packageScripts('{"scripts": {"a": "b"}, "packageManager": null}', [])[0]?.command, 'npm run a');
  });

  it('are none when the file is none or broken', () => {
    for (const text of ['', '{', '[]', '{"scripts": 3}', 'null', '{}']) assert.deepEqual(packageScripts(text, []), []);
  });
});
