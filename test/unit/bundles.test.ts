import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { hostScript, packageVersion } from '../../src/bundles.ts';

describe('the package that the running code belongs to', () => {
  it('has the version of its manifest', () => {
    assert.equal(packageVersion(), (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version);
  });

  it('has a job host', () => {
    assert.ok(existsSync(hostScript), hostScript);
  });
});
