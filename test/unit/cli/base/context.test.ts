import assert from 'node:assert/strict';
import { exitCodeOfError } from '../../../../src/cli/base/context.ts';
import { BgJobsError, type ErrorCode } from '../../../../src/api/errors.ts';

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
