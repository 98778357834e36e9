import assert from 'node:assert/strict';
import { exitCodeOfError, exitCodeOfRun, exitCodeOfSignal } from '../../../src/cli/exitCodes.ts';
import { BgJobsError } from '../../../src/protocol/errors.ts';
import type { ErrorCode } from '../../../src/protocol/errors.ts';

describe('the exit code of an error', () => {
  const expected: [ErrorCode, number][] = [
    ['invalid_request', 2],
    ['unknown_signal', 2],
    ['cwd_not_found', 2],
    ['job_not_found', 3],
    ['run_not_found', 3],
    ['invalid_state', 4],
    ['job_already_ended', 4],
    ['run_superseded', 4],
    ['host_unreachable', 5],
    ['policy_denied', 6],
    ['forbidden_origin', 6],
    ['limit_reached', 6],
    ['internal', 1],
    ['disk_full', 1],
  ];
  for (const [code, exitCode] of expected) {
    it(`${code} is ${exitCode}`, () => assert.equal(exitCodeOfError(new BgJobsError(code, '')), exitCode));
  }
  it('is 1 for a bug', () => assert.equal(exitCodeOfError(new TypeError('oops')), 1));
});

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
  it('is no success for a run that was stopped or lost', () => {
    assert.equal(exitCodeOfRun({ ...ended, status: 'killed' }), 1);
    assert.equal(exitCodeOfRun({ ...ended, status: 'lost', exitCode: null }), 1);
  });
});
