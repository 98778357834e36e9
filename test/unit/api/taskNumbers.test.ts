import assert from 'node:assert/strict';
import { parseTaskNumbers } from '../../../src/api/taskNumbers.ts';

describe('the numbers of the tasks of an array', () => {
  for (const [text, numbers, maxRunning] of [
    ['7', [7], null],
    ['0-3', [0, 1, 2, 3], null],
    ['1-10:4', [1, 5, 9], null],
    ['1,3,5-7', [1, 3, 5, 6, 7], null],
    ['9,2-3', [2, 3, 9], null],
    ['1-3%2', [1, 2, 3], 2],
    [' 1, 2 % 8 ', [1, 2], 8],
  ] as const) {
    it(`are read from "${text}"`, () => assert.deepEqual(parseTaskNumbers(text), { numbers, maxRunning }));
  }

  for (const [text, problem] of [
    ['', /has no numbers/],
    ['%4', /has no numbers/],
    ['a', /"a" is not a number or a range/],
    ['1-', /"1-" is not a number/],
    ['1,,2', /"" is not a number/],
    ['-3', /"-3" is not a number/],
    ['5-1', /5-1 ends before it begins/],
    ['1-9:0', /step of 1-9:0 must be at least 1/],
    ['1-5,3', /task 3 is listed more than once/],
    ['1-100001', /at most 100000 tasks/],
    ['1-60000,70000-120000', /at most 100000 tasks/],
    ['0-9999999999', /at most 999999999/],
    ['1-3%0', /limit %0 must be at least 1/],
    ['1-3%99999', /limit %99999 must be at least 1 and at most 10000/],
    ['1-3%2%2', /has no numbers/],
  ] as const) {
    it(`cannot be "${text}"`, () => assert.throws(() => parseTaskNumbers(text), problem));
  }

  it('may be as many as an array can have', () => {
    assert.equal(parseTaskNumbers('1-200000:2').numbers.length, 100_000);
  });
});
