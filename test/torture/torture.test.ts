import assert from 'node:assert/strict';
import { randomNumbers } from '../helpers/random.ts';
import { runPairs, type Pair } from './campaign.ts';
import { hardShapes } from './hardShapes.ts';
import { wayNames, type Outcome } from './killWays.ts';

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
const waysEach = 3;

describe(`trees that are hard to end, each in ${waysEach} of ${wayNames.length} ways (TEST_SEED=${seed})`, function () {
  this.retries(0);

  const shapes = hardShapes();
  let outcomes: Outcome[];

  before(async () => {
    console.log(`The ways are chosen with TEST_SEED=${seed}.`);
    const random = randomNumbers(seed);
    const pairs = shapes.flatMap((shape): Pair[] => {
      const ways = [...wayNames];
      return Array.from({ length: waysEach }, () => ({ shape, way: ways.splice(random(ways.length), 1)[0]! }));
    });
    outcomes = await runPairs(pairs);
  });

  it('are at least thirty', () => assert.ok(shapes.length >= 30, `${shapes.length}`));

  for (const { name } of shapes) {
    it(`leave nobody: ${name}`, () => {
      const ofShape = outcomes.filter(({ shape }) => shape === name);
      assert.equal(ofShape.length, waysEach);
      for (const { way, survivors, isUntrue, error } of ofShape) {
        assert.deepEqual({ way, survivors, isUntrue, error }, { way, survivors: [], isUntrue: false, error: null });
      }
    });
  }
});
