import assert from 'node:assert/strict';
import { barsOf } from '../../../src/webview/timelineBars.ts';
import type { TimelineJob } from '../../../src/webview/timelineMessages.ts';
import { jobOf, runOf } from './timelineJobs.ts';

describe('The bars of a job in the timeline', () => {
  const waits = (job: TimelineJob, others: readonly TimelineJob[] = []) =>
    barsOf(job, (id) => others.find((one) => one.id === id)).map((bar) =>
      bar.waits.map(({ from, to, reason, text }) => [reason, from, to, ...(text === '' ? [] : [text])]),
    );

  it('are one for each run, with its outcome and without the moment that every start takes', () => {
    const runs = [runOf(1, 1020, 2000, 'failed'), runOf(2, 5000, null)];
    const bars = barsOf(jobOf({ created: 1000, queued: 4990, runs }), () => undefined);
    assert.deepEqual(
      bars.map(({ run, begin, end, outcome, waits }) => [run?.number, begin, end, outcome, waits]),
      [
        [1, 1020, 2000, 'failed', []],
        [2, 5000, Infinity, 'running', []],
      ],
    );
  });

  it('begin with the wait for a slot', () => {
    const job = jobOf({ created: 1000, runs: [runOf(1, 4000, 5000)] });
    assert.deepEqual(waits(job), [[['slot', 1000, 4000]]]);
    assert.equal(barsOf(job, () => undefined)[0]?.begin, 1000);
  });

  it('tell what a job waited for: another job, its time, its release, and then a slot', () => {
    const first = jobOf({ title: 'lint', runs: [runOf(1, 0, 2000)] });
    const last = jobOf({ title: 'build', runs: [runOf(1, 0, 3000)] });
    const after = [first.id, last.id, 'unknown'];
    const dependent = jobOf({ created: 1000, after, runs: [runOf(1, 5000, 6000)] });
    assert.deepEqual(waits(dependent, [first, last]), [
      [
        ['dependency', 1000, 3000, 'build'],
        ['slot', 3000, 5000],
      ],
    ]);
    const timed = jobOf({ created: 1000, queued: 8000, due: 8000, runs: [runOf(1, 9000, null)] });
    assert.deepEqual(waits(timed), [
      [
        ['time', 1000, 8000],
        ['slot', 8000, 9000],
      ],
    ]);
    const held = jobOf({ created: 1000, queued: 8000, runs: [runOf(1, 8010, null)] });
    assert.deepEqual(waits(held), [[['hold', 1000, 8000]]]);
  });

  it('tell of an attempt that it waited since the one before, and of a restart that it waited since then', () => {
    const runs = [runOf(1, 1000, 2000, 'failed'), runOf(2, 3000, 4000, 'failed'), runOf(3, 9000, 9500)];
    assert.deepEqual(waits(jobOf({ created: 1000, queued: 4000, isRetried: true, runs })), [
      [],
      [['retry', 2000, 3000]],
      [['retry', 4000, 9000]],
    ]);
    assert.deepEqual(waits(jobOf({ created: 1000, queued: 8000, runs })), [[], [], [['slot', 8000, 9000]]]);
  });

  it('go on for what waits now, with the reason that the host gives', () => {
    const wait = { to: null, text: 'Job limit reached (3)', isQueued: true };
    const [bar] = barsOf(jobOf({ created: 1000, wait }), () => undefined);
    assert.deepEqual([bar?.run, bar?.outcome, bar?.begin, bar?.end], [null, 'waiting', 1000, Infinity]);
    assert.deepEqual(waits(jobOf({ created: 1000, queued: 7000, wait })), [
      [
        ['hold', 1000, 7000],
        ['slot', 7000, Infinity, 'Job limit reached (3)'],
      ],
    ]);
    const again = jobOf({ created: 1000, queued: 7000, wait, runs: [runOf(1, 1000, 2000)] });
    assert.deepEqual(waits(again), [[], [['slot', 7000, Infinity, 'Job limit reached (3)']]]);
    const held = jobOf({ created: 1000, wait: { ...wait, text: 'On hold', isQueued: false } });
    assert.deepEqual(waits(held), [[['other', 1000, Infinity, 'On hold']]]);
  });

  it('end where a job was canceled before it ran', () => {
    const wait = { to: 6000, text: 'Canceled before it ran', isQueued: false };
    const [bar] = barsOf(jobOf({ created: 1000, wait }), () => undefined);
    assert.deepEqual([bar?.outcome, bar?.begin, bar?.end], ['stopped', 1000, 6000]);
  });
});
