import assert from 'node:assert/strict';
import { newJobId } from '../../../src/store/newJobId.ts';

describe('the id of a job', () => {
  it('has a short form that nobody can take for a number', () => {
    // Of UUIDs, about one in thirty would be one.
    for (let count = 0; count < 5000; count++) {
      const short = newJobId().slice(0, 8);
      assert.ok(Number.isNaN(Number(short)), short);
    }
  });
});
