import fc from 'fast-check';
import assert from 'node:assert/strict';
import { afterRun, delayOf } from '../../../../src/engine/runs/runEnd.ts';
import type { AfterRun } from '../../../../src/store/runTable.ts';
import { restartOption, type RestartOption, retryOption, type RetryOption } from '../../../../src/api/options.ts';
import { type EndedStatus, endedStatuses } from '../../../../src/api/values.ts';
import { jobRow } from '../../../helpers/engine/jobRow.ts';

type End = Parameters<typeof afterRun>[2];

const noChance = (): number => 0;

/** `starts` are those of all runs, the last one included. */
function after(
  again: { retry: Partial<RetryOption> } | { restart: Partial<RestartOption> },
  starts: readonly number[],
  end: Partial<End> = {},
  series = 0,
): AfterRun {
  const options =
    'retry' in again
      ? { retry: retryOption.parse({ maxAttempts: 3, jitter: 0, ...again.retry }) }
      : { restart: restartOption.parse({ policy: 'always', jitter: 0, ...again.restart }) };
  const runs = starts.map((startedAt, index) => ({ number: index + 1, ageMs: 10_000 - startedAt }));
  const failed = { status: 'failed', exitCode: 1, errorCode: null, finishedAt: 10_000 } as const;
  return afterRun(jobRow(options, { series }), runs, { ...failed, ...end }, noChance);
}

describe('the delay before another attempt', () => {
  const delay = fc.record({
    delayMs: fc.integer({ min: 0, max: 2_147_483_647 }),
    backoffFactor: fc.double({ min: 1, max: 100, noNaN: true }),
    maxDelayMs: fc.integer({ min: 0, max: 2_147_483_647 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('is never longer than maxDelayMs, never negative, whole, and shorter by the jitter at the most', () => {
    fc.assert(
      fc.property(delay, fc.nat({ max: 1000 }), chance, (option, before, random) => {
        const ms = delayOf(option, before, () => random);
        const grown = option.delayMs && option.delayMs * option.backoffFactor ** before;
        const most = Math.min(option.maxDelayMs, grown);
        assert.ok(Number.isInteger(ms) && ms >= 0 && ms <= option.maxDelayMs);
        assert.ok(ms <= Math.ceil(most) && ms >= Math.floor(most * (1 - option.jitter)), `${ms} of ${most}`);
      }),
      { numRuns: 5000 },
    );
  });

  it('grows by the factor', () => {
    const option = { delayMs: 1000, backoffFactor: 3, maxDelayMs: 20_000, jitter: 0 };
    assert.deepEqual(
      [0, 1, 2, 3, 999].map((before) => delayOf(option, before, noChance)),
      [1000, 3000, 9000, 20_000, 20_000],
    );
  });

  it('is the same without jitter, and takes all of the range with it', () => {
    const option = { delayMs: 1000, backoffFactor: 1, maxDelayMs: 5000, jitter: 0.4 };
    assert.deepEqual(
      [0, 0.5, 0.999999].map((random) => delayOf(option, 7, () => random)),
      [1000, 800, 600],
    );
  });
});

describe('after a run of a job with retry', () => {
  it('another run follows, until all attempts are used', () => {
    assert.deepEqual(after({ retry: {} }, [0]), { dueAt: 11_000 });
    assert.deepEqual(after({ retry: {} }, [0, 1]), { dueAt: 12_000 });
    assert.equal(after({ retry: {} }, [0, 1, 2]), 'gaveUp');
  });

  it('runs before a restart by the user do not count', () => {
    assert.deepEqual(after({ retry: {} }, [0, 1, 2, 3], {}, 3), { dueAt: 11_000 });
    assert.equal(after({ retry: {} }, [0, 1, 2, 3, 4, 5], {}, 3), 'gaveUp');
  });

  it('a requested or unknown end is final; reaching a limit of the job is a failure', () => {
    const nexts: Partial<Record<EndedStatus, AfterRun>> = {
      failed: { dueAt: 11_000 },
      timed_out: { dueAt: 11_000 },
    };
    for (const status of endedStatuses) {
      if (status === 'cancelled') continue;
      assert.deepEqual(after({ retry: {} }, [0], { status, exitCode: null }), nexts[status] ?? null, status);
    }
  });

  it('only the listed exit codes count, if there is a list', () => {
    const retry = { exitCodes: [3, 75] };
    assert.deepEqual(after({ retry }, [0], { exitCode: 75 }), { dueAt: 11_000 });
    assert.equal(after({ retry }, [0], { exitCode: 1 }), null);
    assert.equal(after({ retry }, [0], { exitCode: null }), null);
    assert.equal(after({ retry }, [0], { status: 'timed_out', exitCode: 75 }), null);
    // A failure that is not to be tried again is no giving up.
    assert.equal(after({ retry }, [0, 1, 2], { exitCode: 1 }), null);
  });

  it('a command that can never be started is not tried again, one that failed for lack of resources is', () => {
    const ends = {
      command_not_found: null,
      permission_denied: null,
      cwd_not_found: null,
      argument_list_too_long: null,
    };
    for (const [errorCode, next] of Object.entries(ends) as [NonNullable<End['errorCode']>, null][]) {
      assert.equal(after({ retry: {} }, [0], { errorCode, exitCode: null }), next);
    }
    for (const errorCode of ['too_many_processes', 'spawn_failed'] as const) {
      assert.deepEqual(after({ retry: {} }, [0], { errorCode, exitCode: null }), { dueAt: 11_000 });
    }
  });
});

describe('after a run of a job with restart', () => {
  it('on-failure ignores a success, always does not, never ignores everything', () => {
    const good = { status: 'completed', exitCode: 0 } as const;
    const follows = (policy: RestartOption['policy'], end: Partial<End>): boolean =>
      after({ restart: { policy } }, [0], end) !== null;
    assert.deepEqual([follows('on-failure', good), follows('on-failure', {})], [false, true]);
    assert.deepEqual([follows('always', good), follows('always', {})], [true, true]);
    assert.deepEqual([follows('never', good), follows('never', {})], [false, false]);
    for (const status of ['killed', 'lost'] as const) assert.equal(follows('always', { status }), false);
  });

  it('the job gives up when it was restarted too often within the window', () => {
    const restart = { maxRestarts: 2, windowMs: 5000 };
    // The first run is no restart.
    assert.deepEqual(after({ restart }, [0]), { dueAt: 11_000 });
    assert.deepEqual(after({ restart }, [0, 8000]), { dueAt: 12_000 });
    assert.equal(after({ restart }, [0, 8000, 9000]), 'gaveUp');
    assert.equal(after({ restart }, [0, 8000, 9000], { status: 'completed', exitCode: 0 }), 'gaveUp');
  });

  it('earlier restarts count neither for the limit nor for the delay', () => {
    const restart = { maxRestarts: 2, windowMs: 5000 };
    assert.deepEqual(after({ restart }, [0, 1000, 2000, 5000]), { dueAt: 11_000 });
    assert.deepEqual(after({ restart }, [0, 1000, 2000, 5001]), { dueAt: 12_000 });
    assert.deepEqual(after({ restart }, [0, 6000, 7000, 9000], {}, 2), { dueAt: 12_000 });
  });
});

describe('after a run of any other job', () => {
  it('nothing follows', () => {
    const end = { status: 'failed', exitCode: 1, errorCode: null, finishedAt: 1 } as const;
    assert.equal(afterRun(jobRow(), [{ number: 1, ageMs: 0 }], end, noChance), null);
  });
});
