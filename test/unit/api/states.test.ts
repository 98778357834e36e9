import fc from 'fast-check';
import assert from 'node:assert/strict';
import { runStatus } from '../../../src/api/options.ts';
import {
  activeStatuses,
  endedStatuses,
  isActive,
  isEnded,
  isWaiting,
  type JobStatus,
  jobStatuses,
  mayFollow,
  nextStatuses,
  waitingStatuses,
} from '../../../src/api/values.ts';

const everyStatus = jobStatuses;

describe('the table of states', () => {
  it('puts every status into exactly one group', () => {
    assert.deepEqual([...waitingStatuses, ...activeStatuses, ...endedStatuses].sort(), [...everyStatus].sort());
    for (const status of everyStatus) {
      assert.equal([isWaiting, isActive, isEnded].filter((isIn) => isIn(status)).length, 1, status);
    }
  });

  it('leaves an ended state only by a restart', () => {
    for (const status of endedStatuses) {
      // A schedule never runs itself, so it ends in one way alone.
      const schedule = status === 'cancelled' ? ['scheduled'] : [];
      assert.deepEqual([...nextStatuses[status]].sort(), ['held', 'pending', ...schedule]);
    }
    const walk = fc.tuple(fc.constantFrom(...everyStatus), fc.array(fc.nat(), { maxLength: 60 }));
    fc.assert(
      fc.property(walk, ([start, choices]) => {
        let status = start;
        for (const choice of choices) {
          const options = nextStatuses[status];
          const next = options[choice % options.length]!;
          if (isEnded(status)) assert.ok(isWaiting(next), `${status} became ${next}`);
          // A start that was cut off before it began is made again.
          if (isActive(status) && status !== 'starting')
            assert.ok(!isWaiting(next), `${status} became ${next} without an end`);
          status = next;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('leads from everywhere to an end', () => {
    for (const status of everyStatus) assert.ok([...reachable(status)].some(isEnded), status);
  });

  it('has a way to every status, and lets a waiting job run or be cancelled', () => {
    assert.deepEqual([...reachable('held')].sort(), [...everyStatus].sort());
    assert.ok(mayFollow('pending', 'starting') && mayFollow('pending', 'cancelled') && mayFollow('held', 'pending'));
  });

  it('allows killed and timed_out only after an active state, and never goes back to starting', () => {
    for (const from of everyStatus) {
      for (const to of ['killed', 'timed_out', 'completed', 'failed', 'lost'] as const) {
        if (mayFollow(from, to)) assert.ok(isActive(from), `${from} became ${to}`);
      }
      assert.equal(mayFollow(from, 'starting'), from === 'pending');
      assert.ok(!mayFollow(from, from), from);
    }
  });

  it('gives a run only states that can follow its start', () => {
    assert.deepEqual([...runStatus.options].sort(), [...activeStatuses, ...endedStatuses.filter(ran)].sort());
  });
});

function ran(status: JobStatus): boolean {
  return status !== 'cancelled';
}

/** Every status that can come after this one, itself left out unless there is a way back. */
function reachable(start: JobStatus): Set<JobStatus> {
  const found = new Set<JobStatus>(nextStatuses[start]);
  for (const status of found) for (const next of nextStatuses[status]) found.add(next);
  return found;
}
