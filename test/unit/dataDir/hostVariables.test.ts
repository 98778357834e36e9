import assert from 'node:assert/strict';
import { environmentForHost } from '../../../src/dataDir/dataDir.ts';

describe('the environment for a host', () => {
  it('has no variables of the editor, of a debugger, or of the job that starts the host', () => {
    const foreign = {
      ELECTRON_RUN_AS_NODE: '1',
      ELECTRON_NO_ATTACH_CONSOLE: '1',
      VSCODE_PID: '1',
      vscode_ipc_hook: '/x',
      NODE_OPTIONS: '--inspect-brk',
      BGJOBS_RUN_ID: 'x.1',
      BGJOBS_JOB_ID: 'x',
      BGJOBS_HOLDER: '1',
    };
    const kept = {
      PATH: '/bin',
      LOG_LEVEL: 'debug',
      BGJOBS_HOME: '/h',
      BGJOBS_MAX_CONCURRENT_JOBS: '3',
      NODE_ENV: 'x',
    };
    assert.deepEqual(environmentForHost({ ...foreign, ...kept }), kept);
  });
});
