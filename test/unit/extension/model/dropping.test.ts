import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { droppedAt } from '../../../../src/extension/model/dropping.ts';

/** What the host does: each is moved before the same one, or to the end. */
function dropped(order: string, selected: string, onto: string): string {
  const before = droppedAt([...order], [...selected], onto);
  let now = [...order];
  for (const id of selected) {
    const others = now.filter((one) => one !== id);
    now = others.toSpliced(before === undefined ? others.length : others.indexOf(before), 0, id);
  }
  return now.join('');
}

describe('Jobs of a queue that are dropped on one of them', () => {
  for (const [selected, onto, after] of [
    ['d', 'b', 'adbce'],
    ['b', 'd', 'acdbe'],
    ['a', 'e', 'bcdea'],
    ['e', 'a', 'eabcd'],
    ['de', 'b', 'adebc'],
    ['ab', 'd', 'cdabe'],
    ['ae', 'c', 'bcaed'],
    ['bc', 'b', 'abcde'],
    ['c', 'c', 'abcde'],
  ] as const) {
    it(`${selected} on ${onto}: ${after}`, () => assert.equal(dropped('abcde', selected, onto), after));
  }
});
