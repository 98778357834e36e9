import assert from 'node:assert/strict';
import { killManyRequest } from '../../../src/api/control.ts';
import { BgJobsError } from '../../../src/api/errors.ts';
import { listQuery } from '../../../src/api/job.ts';
import { startRequest } from '../../../src/api/options.ts';
import { validate } from '../../../src/api/validate.ts';

describe('validate', () => {
  const message = (check: () => unknown): string => {
    try {
      check();
    } catch (error) {
      assert.ok(error instanceof BgJobsError && error.code === 'invalid_request');
      return error.message;
    }
    assert.fail('it was accepted');
  };

  it('fills in defaults', () => {
    assert.deepEqual(validate(listQuery, { limit: '7' }), { limit: 7 });
    assert.equal(validate(startRequest, { argv: ['true'], cwd: '/' }).priority, 5);
  });

  it('names the field that is wrong', () => {
    assert.match(
      message(() => validate(startRequest, { argv: ['true'], cwd: '/', priority: 11 })),
      /^priority: /,
    );
    assert.match(
      message(() => validate(startRequest, { argv: ['a', 1], cwd: '/' })),
      /^argv\.1: /,
    );
  });

  it('names an unknown field and those that are known', () => {
    assert.match(
      message(() => validate(listQuery, { statuss: 'x' })),
      /unknown field "statuss".*session.*cursor/,
    );
    const stdin = { type: 'none', text: 'x' };
    assert.match(
      message(() => validate(startRequest, { argv: ['a'], cwd: '/', stdin })),
      /"stdin\.text"/,
    );
  });

  it('says what holds for the whole', () => {
    assert.match(
      message(() => validate(killManyRequest, {})),
      /exactly one of session, tag and all/,
    );
    assert.match(
      message(() => validate(startRequest, { cwd: '/' })),
      /one of command .*, argv/,
    );
  });
});
