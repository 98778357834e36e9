import assert from 'node:assert/strict';
import { BgJobsError, type ErrorCode, errorCodes } from '../../../src/api/errors.ts';
import { errorBody } from '../../../src/http/openApi.ts';

describe('BgJobsError', () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    it(`is the same after a journey as JSON: ${code}`, () => {
      const error = new BgJobsError(code, 'so it went', { more: [1] });
      const body = errorBody.parse(JSON.parse(JSON.stringify(error.toBody())));
      const arrived = BgJobsError.fromBody(body);
      assert.ok(arrived);
      assert.deepEqual([arrived.code, arrived.message, arrived.details], [code, 'so it went', { more: [1] }]);
      assert.deepEqual([arrived.httpStatus, arrived.retryable], [errorCodes[code].status, errorCodes[code].retryable]);
    });
  }

  it('is not created from any other body', () => {
    for (const body of [
      null,
      7,
      {},
      { error: 'x' },
      { error: { code: 'new_code', message: 'x' } },
      { error: { code: 'internal' } },
    ]) {
      assert.equal(BgJobsError.fromBody(body), undefined);
    }
  });

  it('has no details unless some are given', () => {
    assert.equal(new BgJobsError('internal', 'x').toBody().error.details, null);
  });
});
