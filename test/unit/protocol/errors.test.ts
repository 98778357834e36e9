import assert from 'node:assert/strict';
import { BgJobsError, errorBody, errorCodes, type ErrorCode } from '../../../src/protocol/errors.ts';

describe('BgJobsError', () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    it(`travels as it is: ${code}`, () => {
      const error = new BgJobsError(code, 'so it went', { more: [1] });
      const body = errorBody.parse(JSON.parse(JSON.stringify(error.toBody())));
      const arrived = BgJobsError.fromBody(body);
      assert.deepEqual([arrived.code, arrived.message, arrived.details], [code, 'so it went', { more: [1] }]);
      assert.deepEqual([arrived.httpStatus, arrived.retryable], [errorCodes[code].status, errorCodes[code].retryable]);
    });
  }

  it('has no details unless some are given', () => {
    assert.equal(new BgJobsError('internal', 'x').toBody().error.details, null);
  });
});
