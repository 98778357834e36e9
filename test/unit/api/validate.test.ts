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
    assert.deepEqual(validate(listQuery, { limit: '7' }), { limit: 7, order: 'created' });
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

  it('says in a sentence what is wrong with a value', () => {
    const wrong = (request: object): string =>
      message(() => validate(startRequest, { argv: ['true'], cwd: '/', ...request }));
    assert.equal(wrong({ cwd: undefined }), 'cwd: is required and must be a string');
    assert.equal(wrong({ name: 5 }), 'name: must be a string, not 5');
    assert.equal(wrong({ env: { PORT: true } }), 'env.PORT: must be a string, not a boolean');
    assert.equal(wrong({ priority: 1.5 }), 'priority: must be a whole number, not 1.5');
    assert.equal(wrong({ priority: 11 }), 'priority: must be at most 10');
    assert.equal(wrong({ dependsOn: 'a' }), 'dependsOn: must be a list, not a string');
    assert.equal(wrong({ leftovers: 'end' }), 'leftovers: must be "keep" or "kill"');
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

  it('reports a rule that concerns several fields', () => {
    assert.match(
      message(() => validate(killManyRequest, {})),
      /give all, or one or more of session, tag, status and q/,
    );
    assert.match(
      message(() => validate(startRequest, { cwd: '/' })),
      /one of command .*, argv/,
    );
  });
});
