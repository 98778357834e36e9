import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { movesOf } from '../../../../src/extension/model/groups.ts';

const directions = ['up', 'down', 'first', 'last'] as const;

/** What the host does with one job. */
function moved(order: readonly string[], id: string, to: (typeof directions)[number]): string[] {
  const from = order.indexOf(id);
  const others = order.filter((one) => one !== id);
  const place = { up: Math.max(0, from - 1), down: from + 1, first: 0, last: others.length }[to];
  return others.toSpliced(place, 0, id);
}

function movedTogether(order: readonly string[], selected: readonly string[], to: (typeof directions)[number]) {
  return movesOf(order, selected, to).reduce((now, id) => moved(now, id, to), [...order]);
}

describe('Several jobs that are moved in the queue', () => {
  const queue = ['a', 'b', 'c', 'd', 'e'];
  const cases = [
    ['up', 'bc', 'bcade'],
    ['up', 'ab', 'abcde'],
    ['up', 'ac', 'acbde'],
    ['down', 'bc', 'adbce'],
    ['down', 'de', 'abcde'],
    ['down', 'ce', 'abdce'],
    ['first', 'bd', 'bdace'],
    ['last', 'bd', 'acebd'],
  ] as const;
  for (const [to, selected, after] of cases) {
    it(`${selected} ${to}: ${after}`, () => {
      assert.equal(movedTogether(queue, [...selected], to).join(''), after);
      assert.equal(movedTogether(queue, [...selected].reverse(), to).join(''), after);
    });
  }

  it('keep their order, as do the others', () => {
    fc.assert(
      fc.property(fc.subarray(queue, { minLength: 2 }), fc.constantFrom(...directions), (selected, to) => {
        const after = movedTogether(queue, selected, to);
        const among = (ids: readonly string[]) => after.filter((id) => ids.includes(id));
        assert.deepEqual(among(selected), selected);
        const others = queue.filter((id) => !selected.includes(id));
        assert.deepEqual(among(others), others);
      }),
    );
  });

  it('is requested even when it is impossible, so that the host says why', () => {
    assert.deepEqual(movesOf(queue, ['x'], 'up'), ['x']);
  });
});
