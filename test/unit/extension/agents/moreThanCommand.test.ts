import assert from 'node:assert/strict';
import { isMoreThanCommand } from '../../../../src/extension/agents/confirmation.ts';
import type { StartRequest } from '../../../../src/api/options.ts';

describe('a start that no pattern for its command may allow', () => {
  const plain: StartRequest = { command: 'make', cwd: '/work' };

  for (const more of [
    { env: { LD_PRELOAD: '/x.so' } },
    { envFile: '/work/.env' },
    { stdin: { type: 'text', text: 'yes' } },
    { at: '2026-11-20T17:30:00Z' },
    { cron: '*/5 * * * *' },
    { restart: { policy: 'always' } },
  ] as const) {
    it(`has ${JSON.stringify(more)}`, () => assert.ok(isMoreThanCommand({ ...plain, ...more }, false)));
  }

  it('is outside the workspace', () => assert.ok(isMoreThanCommand(plain, true)));

  it('is not a start with harmless options', () => {
    assert.ok(!isMoreThanCommand(plain, false));
    const same = { env: {}, stdin: { type: 'pipe' }, restart: { policy: 'never' }, retry: { maxAttempts: 3 } } as const;
    assert.ok(!isMoreThanCommand({ ...plain, ...same }, false));
  });
});
