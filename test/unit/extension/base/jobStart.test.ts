import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { jobEnvironment, windowSession } from '../../../../src/extension/base/jobStart.ts';

describe('The session of a window', () => {
  it('is the name of its first folder, or "window" when it has none', () => {
    assert.equal(windowSession(['shop', 'docs']), 'shop');
    assert.equal(windowSession([]), 'No Folder');
    assert.equal(windowSession(['  ']), 'No Folder');
  });
});

describe('The environment of a job', () => {
  it('is that of the extension host without what belongs to the editor or to another job', () => {
    const env = {
      PATH: '/bin',
      HOME: '/home/me',
      BGJOBS_HOME: '/jobs',
      BGJOBS_SESSION: 'shop',
      VSCODE_PID: '1',
      Vscode_IPC_Hook: 'x',
      ELECTRON_RUN_AS_NODE: '1',
      BGJOBS_RUN_ID: 'a.1',
      BGJOBS_JOB_ID: 'a',
      BGJOBS_HOLDER: '1',
      UNSET: undefined,
    };
    assert.deepEqual(jobEnvironment(env), {
      PATH: '/bin',
      HOME: '/home/me',
      BGJOBS_HOME: '/jobs',
      BGJOBS_SESSION: 'shop',
    });
  });
});
