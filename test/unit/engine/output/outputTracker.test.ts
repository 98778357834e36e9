import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mock } from 'node:test';
import {
  OutputTracker,
  type OutputTrackerEvents,
  type OutputTrackerSystem,
} from '../../../../src/engine/output/outputTracker.ts';
import { watchLogs } from '../../../../src/engine/output/watchLogs.ts';
import { clock } from '../../../../src/store/clock.ts';
import { until } from '../../../helpers/until.ts';
import { OutputFixture, textOf, Writer } from '../../../helpers/engine/outputFixture.ts';

const nothing = (): void => undefined;
const quiet: OutputTrackerEvents = { onDropped: nothing, onUnlimited: nothing, onFailure: nothing };

/** Counts what is armed and disarmed. */
function countingWatch(): { watchLogs: NonNullable<OutputTrackerSystem['watchLogs']>; open: number; opened: number } {
  const real = watchLogs(process.platform);
  const counts = { watchLogs: real, open: 0, opened: 0 };
  counts.watchLogs = (logs, onHint) => {
    const close = real(logs, onHint);
    if (!close) return undefined;
    counts.open++;
    counts.opened++;
    return () => {
      counts.open--;
      close();
    };
  };
  return counts;
}

describe('OutputTracker', () => {
  let fixture: OutputFixture;
  let tracker: OutputTracker;
  let watching: ReturnType<typeof countingWatch>;
  const make = (system: OutputTrackerSystem = {}, events = quiet): OutputTracker => {
    tracker = new OutputTracker(fixture.index, events, { ...watching, ...system });
    return tracker;
  };
  const seen = (bytes: number): Promise<true> =>
    until(`${bytes} bytes`, () => (fixture.index.last(1)?.seq === bytes ? true : undefined));

  beforeEach(() => {
    fixture = new OutputFixture();
    watching = countingWatch();
  });
  afterEach(async () => {
    await tracker.dispose();
    assert.equal(watching.open, 0);
    fixture.dispose();
  });

  it('sees what a job writes into its own logs, also a prompt without newline', async () => {
    make().track(fixture.logs);
    const writer = new Writer(fixture.logs, "read a; printf 'Password: '; read b; echo oops >&2; read c");
    await until('a watcher', () => watching.open || undefined);
    writer.step();
    await seen(10);
    assert.equal(textOf((await fixture.read({}, false)).chunks), 'Password: ');
    await until('a watcher again', () => watching.open || undefined);
    writer.step();
    await seen(15);
    assert.deepEqual(tracker.bytes(1), { stdout: 10, stderr: 5 });
    await writer.ended();
  });

  it('keeps the order of two streams', async () => {
    make().track(fixture.logs);
    const writer = new Writer(fixture.logs, 'for i in 1 2 3; do echo out $i; read a; echo err $i >&2; read a; done');
    for (let steps = 1; steps <= 6; steps++) {
      await seen(steps * 6);
      writer.step();
    }
    await writer.ended();
    assert.equal(textOf((await fixture.read()).chunks), 'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n');
  });

  it('loses nothing that is written right before the end', async () => {
    make();
    for (let run = 0; run < 10; run++) {
      tracker.track({ ...fixture.logs, run });
      const writer = new Writer(fixture.logs, 'read a; echo last; echo words >&2');
      writer.step();
      await writer.ended();
      tracker.finish(run);
      const { stdout, stderr } = tracker.bytes(run);
      assert.deepEqual([stdout, stderr], [(run + 1) * 5, (run + 1) * 6]);
    }
  });

  it('makes no watcher for a run that is over at once, and leaves none', async () => {
    make();
    for (let run = 0; run < 50; run++) {
      tracker.track({ ...fixture.logs, run });
      tracker.finish(run);
    }
    assert.equal(watching.opened, 0);
    tracker.track(fixture.logs);
    await until('a watcher', () => watching.open || undefined);
    tracker.finish(1);
    assert.equal(watching.open, 0);
  });

  it('waits by a watcher while a run is quiet, not by a timer', async () => {
    let looks = 0;
    make({ now: () => (looks++, Date.now()) });
    for (let run = 1; run <= 20; run++) tracker.track({ ...fixture.logs, run });
    await until('all watchers', () => (watching.open === 20 ? true : undefined));
    const timers = process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
    const looksBefore = looks;
    // A timer of this test's own, longer than any of the tracker's.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    assert.equal(looks, looksBefore);
    assert.ok(timers <= 1, `${timers} timers`);
  });

  it('checks at intervals while a run writes continuously, instead of at every write', async () => {
    make().track(fixture.logs);
    const writer = new Writer(fixture.logs, 'i=0; while [ $i -lt 100000 ]; do echo $i; i=$((i+1)); done');
    await writer.ended();
    tracker.finish(1);
    const size = readFileSync(fixture.path('stdout')).length;
    assert.equal(fixture.index.last(1)?.seq, size);
    const rows = fixture.index.after(1, 0, 1000);
    assert.ok(rows.length < 100, `${rows.length} rows`);
    for (const [i, row] of rows.entries()) assert.equal(row.seq - row.length, rows[i - 1]?.seq ?? 0);
  });

  it('sees what was written when it is asked to check, whatever the watcher reports', () => {
    make({ watchLogs: () => () => undefined }).track(fixture.logs);
    fixture.write('stdout', 'missed', false);
    tracker.observe(1);
    assert.equal(fixture.index.last(1)?.seq, 6);
  });

  it('checks again when a watcher has been armed', async () => {
    // What is written while it is being armed is what the last look and the watcher both miss.
    const writeMeanwhile = (): (() => void) => {
      if (!fixture.index.last(1)) fixture.write('stdout', 'meanwhile', false);
      return () => undefined;
    };
    make({ watchLogs: writeMeanwhile }).track(fixture.logs);
    await seen(9);
  });

  it('falls back to polling when the user has no watches left', async () => {
    const exhausted = (): never => {
      throw Object.assign(new Error('System limit for number of file watchers reached'), { code: 'ENOSPC' });
    };
    make({ watchLogs: watchLogs('linux', exhausted) }).track(fixture.logs);
    for (let i = 1; i <= 3; i++) {
      fixture.write('stderr', 'x', false);
      await seen(i);
    }
  });

  it('continues where an earlier host stopped', async () => {
    fixture.write('stdout', 'before ');
    fixture.write('stderr', 'x');
    fixture.write('stdout', 'while nobody looked', false);
    make().track(fixture.logs);
    assert.deepEqual(tracker.bytes(1), { stdout: 7, stderr: 1 });
    tracker.observe(1);
    assert.deepEqual(tracker.bytes(1), { stdout: 26, stderr: 1 });
    assert.equal(textOf((await fixture.read()).chunks, 'stdout'), 'before while nobody looked');
  });

  for (const set of [0, 3_600_000, -3_600_000]) {
    it(`tells how long there has been no output, also when the clock was set by ${set} ms`, () => {
      const awake = mock.method(clock, 'awake', () => 1000);
      make({ now: () => Date.now() + set }).track(fixture.logs);
      assert.equal(tracker.quietMs(1), Infinity);
      awake.mock.mockImplementation(() => 5000);
      fixture.write('stdout', 'x', false);
      tracker.observe(1);
      // It was written between the two looks, and just now, if the clock can be believed.
      const quiet = tracker.quietMs(1);
      assert.ok(quiet >= 0 && quiet <= (set > 0 ? 4000 : 1000), `${quiet} ms`);
      awake.mock.mockImplementation(() => 7000);
      tracker.observe(1);
      assert.equal(tracker.quietMs(1), quiet + 2000);
      awake.mock.restore();
    });
  }

  it('reports an index that cannot be written, and loses nothing', async () => {
    const failures: unknown[] = [];
    make({}, { ...quiet, onFailure: (_logs, error) => failures.push(error) });
    tracker.track(fixture.logs);
    fixture.database.exec("CREATE TRIGGER full BEFORE INSERT ON chunks BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    fixture.write('stdout', 'kept', false);
    tracker.observe(1);
    await until('a failure by the timer too', () => (failures.length > 1 ? true : undefined));
    assert.match(String(failures[0]), /disk full/);
    assert.throws(() => tracker.finish(1), /disk full/);
    fixture.database.exec('DROP TRIGGER full');
    tracker.finish(1);
    assert.equal(textOf((await fixture.read()).chunks), 'kept');
  });

  it('refuses to track a run twice', () => {
    make().track(fixture.logs);
    assert.throws(() => tracker.track(fixture.logs), /tracked already/);
  });

  it('ignores other files of the folder', async () => {
    make().track(fixture.logs);
    await until('a watcher', () => watching.open || undefined);
    const writer = new Writer(
      fixture.logs,
      `echo 0 > '${fixture.directory}/exit.tmp'; mv '${fixture.directory}/exit.tmp' '${fixture.directory}/exit'`,
    );
    await writer.ended();
    await until('a second watcher', () => (watching.opened > 1 && watching.open === 1 ? true : undefined));
    assert.ok(readdirSync(fixture.directory).includes('exit'));
    assert.equal(fixture.index.last(1), undefined);
  });
});
