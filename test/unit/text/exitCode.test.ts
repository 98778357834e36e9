import assert from 'node:assert/strict';
import { exitCodeOfRun, exitCodeOfSignal } from '../../../src/text/endText.ts';

describe('the exit code of a run', () => {
  const ended = { status: 'completed', exitCode: 0, signal: null, error: null } as const;
  it("is the command's own", () => {
    assert.equal(exitCodeOfRun(ended), 0);
    for (const exitCode of [1, 127, 128, 137, 200, 255]) {
      assert.equal(exitCodeOfRun({ ...ended, status: 'failed', exitCode }), exitCode);
    }
  });
  it('is 128 and the number of the signal', () => {
    const signalled = { ...ended, status: 'killed', exitCode: null } as const;
    assert.equal(exitCodeOfRun({ ...signalled, signal: 'SIGTERM' }), 143);
    assert.equal(exitCodeOfRun({ ...signalled, signal: 'SIGKILL' }), 137);
    assert.equal(exitCodeOfSignal('SIGINT'), 130);
  });
  it('is as in a shell for a command that could not be started', () => {
    const failed = { ...ended, status: 'failed', exitCode: null } as const;
    assert.equal(exitCodeOfRun({ ...failed, error: { code: 'command_not_found', message: '' } }), 127);
    assert.equal(exitCodeOfRun({ ...failed, error: { code: 'permission_denied', message: '' } }), 126);
  });
  it('is not 0 for a run that was stopped or lost', () => {
    assert.equal(exitCodeOfRun({ ...ended, status: 'killed' }), 1);
    assert.equal(exitCodeOfRun({ ...ended, status: 'lost', exitCode: null }), 1);
  });
});
