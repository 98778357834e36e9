import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { LogLimit } from '../../../../src/engine/output/logLimit.ts';
import { OutputTracker } from '../../../../src/engine/output/outputTracker.ts';
import { until } from '../../../helpers/until.ts';
import { OutputFixture, Writer } from '../../../helpers/engine/outputFixture.ts';

const maxBytes = 65_536;
const block = 4096;

describe('LogLimit', () => {
  let fixture: OutputFixture;
  let limit: LogLimit;
  /** What was told, and what was done: the new length of the dropped beginning. */
  let told: { stdout: number; stderr: number }[];
  let cuts: number[];
  let failures: unknown[];
  const make = (punch: () => Promise<void>, pauseMs = 0): void => {
    limit = new LogLimit(
      (_file, _before, bytes) => {
        cuts.push(bytes);
        return punch();
      },
      {
        onDropped: ({ dropped }) => told.push({ ...dropped }),
        onFull: () => failures.push('full'),
        onUnlimited: (_logs, error) => failures.push(error),
      },
      pauseMs,
    );
  };
  const grow = (stdout: number, stderr = 0): void => limit.enforce(fixture.logs, { stdout, stderr });

  beforeEach(() => {
    fixture = new OutputFixture(maxBytes);
    [told, cuts, failures] = [[], [], []];
  });
  afterEach(async () => {
    await limit.dispose();
    fixture.dispose();
  });

  it('drops what is over the limit when it is a quarter over', async () => {
    make(() => Promise.resolve());
    grow(maxBytes * 1.25);
    assert.deepEqual(told, []);
    grow(maxBytes * 1.25 + 1);
    await until('the cut', () => cuts[0]);
    // Whole blocks, and never a byte of the newest maxBytes.
    assert.deepEqual(told, [{ stdout: 4 * block, stderr: 0 }]);
    assert.deepEqual(cuts, [4 * block]);
  });

  it('cuts each stream by itself, and goes on from what was dropped before', async () => {
    make(() => Promise.resolve());
    fixture.logs.dropped.stderr = 10 * block;
    grow(maxBytes, maxBytes + 10 * block);
    grow(2 * maxBytes, maxBytes + 15 * block);
    await until('both cuts', () => cuts[1]);
    assert.deepEqual(fixture.logs.dropped, { stdout: maxBytes, stderr: 15 * block });
  });

  it('cuts again when the log has grown meanwhile', async () => {
    let cut: (() => void) | undefined;
    make(() => new Promise((resolve) => (cut = resolve)));
    grow(2 * maxBytes);
    await until('the first cut', () => cut);
    grow(3 * maxBytes);
    grow(4 * maxBytes);
    assert.deepEqual(cuts, [maxBytes]);
    cut?.();
    await until('the second cut', () => cuts[1]);
    assert.deepEqual(cuts, [maxBytes, 3 * maxBytes]);
    cut?.();
  });

  it('waits a moment before a cut, and makes up for it when it is disposed', async () => {
    make(() => Promise.resolve(), 3_600_000);
    grow(1.5 * maxBytes);
    grow(1.75 * maxBytes);
    assert.equal(limit.logsOf(1), fixture.logs);
    assert.deepEqual(cuts, []);
    await limit.dispose();
    assert.deepEqual(cuts, [0.75 * maxBytes]);
    assert.equal(limit.logsOf(1), undefined);
  });

  it('does not wait when the log is twice as long', async () => {
    make(() => Promise.resolve(), 3_600_000);
    grow(1.5 * maxBytes);
    grow(2 * maxBytes);
    await until('the first cut', () => cuts[0]);
    grow(3 * maxBytes + block);
    await until('the second cut', () => cuts[1]);
    assert.deepEqual(cuts, [maxBytes, 2 * maxBytes + block]);
  });

  it('keeps the logs whole and says so once when they cannot be cut', async () => {
    make(() => Promise.reject(new Error('no holes here')));
    grow(2 * maxBytes, 2 * maxBytes);
    await until('both to be taken back', () => (told.length === 4 ? true : undefined));
    grow(4 * maxBytes, 4 * maxBytes);
    await limit.dispose();
    assert.deepEqual(failures.map(String), ['Error: no holes here']);
    assert.deepEqual(
      [cuts.length, fixture.logs.dropped, told.at(-1)],
      [2, { stdout: 0, stderr: 0 }, fixture.logs.dropped],
    );
  });

  it('does not cut what could not be recorded', async () => {
    limit = new LogLimit(() => Promise.resolve(void cuts.push(0)), {
      onDropped: () => {
        throw new Error('disk full');
      },
      onFull: () => undefined,
      onUnlimited: (_logs, error) => failures.push(error),
    });
    grow(2 * maxBytes);
    await limit.dispose();
    assert.deepEqual([cuts, failures.map(String), fixture.logs.dropped.stdout], [[], ['Error: disk full'], 0]);
  });

  it('tells before it cuts, so that no reader takes the hole for output', async () => {
    make(() => {
      assert.equal(told.length, 1);
      return Promise.resolve();
    });
    grow(2 * maxBytes);
    await limit.dispose();
    assert.deepEqual([cuts, failures], [[maxBytes], []]);
  });

  it('holds the log of a real writer, keeps its newest bytes and counts the others', async function () {
    if (process.platform !== 'linux') this.skip();
    make(() => Promise.resolve());
    const events = {
      onDropped: () => told.push({ ...fixture.logs.dropped }),
      onUnlimited: (_logs: unknown, error: unknown) => failures.push(error),
      onFailure: (_logs: unknown, error: unknown) => failures.push(error),
    };
    const tracker = new OutputTracker(fixture.index, events);
    tracker.track(fixture.logs);
    const writer = new Writer(fixture.logs, 'seq 300000');
    await writer.ended();
    assert.equal(tracker.logsOf(1), fixture.logs);
    tracker.finish(1);
    const log = fixture.path('stdout');
    const { dropped } = fixture.logs;
    const whole = Buffer.from(Array.from({ length: 300_000 }, (_, i) => `${i + 1}\n`).join(''));
    await tracker.dispose();

    assert.ok(whole.length - dropped.stdout <= maxBytes * 1.25);
    assert.deepEqual(failures, []);
    assert.ok(whole.length - dropped.stdout >= maxBytes);
    assert.ok(statSync(log).blocks * 512 <= maxBytes * 1.25 + block);
    assert.deepEqual(told.at(-1), dropped);
    assert.deepEqual(readFileSync(log).subarray(dropped.stdout), whole.subarray(dropped.stdout));
    const { chunks, droppedBytes } = await fixture.read();
    assert.equal(droppedBytes, dropped.stdout);
    assert.equal(chunks.map(({ text }) => text).join(''), whole.toString('utf8', dropped.stdout));
  });
});
