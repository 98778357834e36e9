import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Digest } from '../../../../src/extension/notify/digest.ts';
import { until } from '../../../helpers/until.ts';

describe('A digest', () => {
  let told: (number | number[])[];
  let digest: Digest<number>;

  beforeEach(() => {
    told = [];
    digest = new Digest(
      (one) => told.push(one),
      (many) => told.push(many),
      100,
    );
  });

  afterEach(() => digest.dispose());

  const untilTold = (count: number): Promise<unknown> => until('told', () => (told.length >= count ? true : undefined));

  it('tells the first immediately, and those that follow soon together', async () => {
    for (const item of [1, 2, 3]) digest.add(item);
    assert.deepEqual(told, [1]);
    await untilTold(2);
    for (const item of [4, 5, 6]) digest.add(item);
    await untilTold(3);
    assert.deepEqual(told, [1, [2, 3], [4, 5, 6]]);
  });

  it('tells a single one that follows by itself', async () => {
    digest.add(1);
    digest.add(2);
    await untilTold(2);
    assert.deepEqual(told, [1, 2]);
  });

  it('begins anew after a quiet time', async () => {
    digest.add(1);
    await delay(250);
    digest.add(2);
    assert.deepEqual(told, [1, 2]);
  });

  it('tells nothing any more when it is disposed of', async () => {
    digest.add(1);
    digest.add(2);
    digest.dispose();
    await delay(200);
    assert.deepEqual(told, [1]);
  });
});
