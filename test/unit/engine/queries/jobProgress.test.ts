import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobProgress } from '../../../../src/engine/queries/jobProgress.ts';
import type { Job } from '../../../../src/api/job.ts';
import type { Stream } from '../../../../src/api/output.ts';
import type { RunStatus } from '../../../../src/api/values.ts';
import type { JobRow, JobSpec } from '../../../../src/store/jobTable.ts';
import type { RunRow } from '../../../../src/store/runTable.ts';
import { endAs, StoreFixture, supervisor } from '../../../helpers/engine/storeFixture.ts';
import { jobRecord, runRecord } from '../../extension/jobs.ts';

const begun = Date.parse('2026-11-20T17:00:00.000Z');
const seconds = (count: number): number => begun + count * 1000;
const iso = (time: number): string => new Date(time).toISOString();

/** A running job of a new store, and its progress at a time of the test's. */
class ProgressFixture extends StoreFixture {
  now = begun;
  readonly job: Job;
  readonly run: RunRow;
  readonly #progress = jobProgress({ store: this.store, now: () => this.now });

  constructor(request: Partial<JobSpec> = {}) {
    super();
    const row = this.create(request);
    this.run = this.store.beginRun(row);
    const { command = null, argv = null, cwd } = row.spec;
    const logs = { stdout: join(this.path, 'stdout.log'), stderr: join(this.path, 'stderr.log') };
    const job = jobRecord('running', { id: row.id, command, argv, cwd, run: 1, startedAt: iso(begun) });
    this.job = { ...job, runs: [runRecord(job, { logs })] };
    for (const path of [logs.stdout, logs.stderr]) this.#write(path, '', begun);
  }

  /** States of a log, each written a second after the one before. The next look is right after the last one. */
  write(stream: Stream, states: readonly string[]): void {
    let [seq, text] = [0, ''];
    for (const [index, state] of states.entries()) {
      const [offset, length] = [seq, Buffer.byteLength(state)];
      seq += length;
      text += state;
      this.store.chunks.append(this.run.row, [{ seq, time: seconds(index), stream, offset, length }]);
    }
    this.now = seconds(states.length - 1);
    this.#write(join(this.path, `${stream}.log`), text, this.now);
  }

  replace(stream: Stream, text: string, writtenAt = this.now): void {
    this.#write(join(this.path, `${stream}.log`), text, writtenAt);
  }

  async look(): Promise<Pick<Job, 'progress' | 'expectedEnd'>> {
    return this.#progress.withProgress(this.job);
  }

  async percent(): Promise<number | undefined> {
    return (await this.look()).progress?.percent;
  }

  #write(path: string, text: string, at: number): void {
    writeFileSync(path, text);
    utimesSync(path, at / 1000, at / 1000);
  }
}

const bar = (percent: number): string => `\r${percent}%|███       | ${percent}/100 [00:01<00:01, 9.5it/s]`;
const upTo = (percent: number, state = bar): string[] => Array.from({ length: percent + 1 }, (_, each) => state(each));

describe('The progress of a running job', () => {
  it('ends, by its rise, when it will be full', async () => {
    using test = new ProgressFixture();
    test.write('stderr', upTo(40));
    const { progress, expectedEnd } = await test.look();
    assert.equal(progress?.percent, 40);
    assert.equal(expectedEnd, iso(seconds(100)));
  });

  it('ends as its last phase rises', async () => {
    using test = new ProgressFixture();
    const phase = (name: string) => (percent: number) =>
      `\r${name} objects: ${percent}% (${percent}/100), a phase of git`;
    test.write('stderr', [...upTo(100, phase('Counting')), '\n', ...upTo(70, phase('Receiving'))]);
    const { progress, expectedEnd } = await test.look();
    assert.equal(progress?.text.startsWith('Receiving objects: 70%'), true);
    assert.equal(expectedEnd, iso(test.now + 30_000));
  });

  it('has no end while it does not rise, and none that is past', async () => {
    using test = new ProgressFixture();
    test.write('stderr', upTo(40).fill(bar(40)));
    assert.equal((await test.look()).expectedEnd, null);
    using later = new ProgressFixture();
    later.write('stderr', upTo(40));
    later.now = seconds(101);
    assert.deepEqual([await later.percent(), (await later.look()).expectedEnd], [40, null]);
  });

  it('is of the log that was written to last', async () => {
    using test = new ProgressFixture();
    test.replace('stderr', bar(40), seconds(1));
    test.replace('stdout', 'a line\n', seconds(2));
    assert.equal(await test.percent(), 40);
    test.now = seconds(3);
    test.replace('stderr', bar(100), seconds(1));
    assert.equal(await test.percent(), undefined, 'something else goes on');
    test.now = seconds(5);
    test.replace('stdout', '[ 20%] Building a\n', seconds(4));
    assert.equal(await test.percent(), 20);
  });

  it('is read at most once a second', async () => {
    using test = new ProgressFixture();
    test.replace('stderr', bar(40));
    assert.equal(await test.percent(), 40);
    test.replace('stderr', bar(50));
    test.now += 900;
    assert.equal(await test.percent(), 40);
    test.now += 100;
    assert.equal(await test.percent(), 50);
  });

  it('is unknown where there is no log', async () => {
    using test = new ProgressFixture({ capture: 'merged' });
    test.job.runs[0]!.logs = { stdout: join(test.path, 'nowhere'), stderr: null };
    assert.deepEqual(await test.percent(), undefined);
  });
});

describe('The expected end of a job that shows no progress', () => {
  it('is that of the median of its earlier successful runs', async () => {
    using test = new ProgressFixture({ command: 'make "all"', argv: undefined });
    const ran = (request: Partial<JobSpec>, took: number, status: RunStatus = 'completed'): void => {
      const job: JobRow = test.create({ argv: undefined, ...request });
      const run = test.store.beginRun(job);
      test.store.runStarted(job, run, supervisor);
      test.store.endRun(job, run, { ...endAs(status), finishedAt: run.startedAt + took * 1000 });
    };
    for (const took of [10, 20, 90]) ran({ command: 'make "all"' }, took);
    ran({ command: 'make "all"' }, 500, 'failed');
    ran({ command: 'make "all"', cwd: '/tmp' }, 500);
    ran({ command: 'make' }, 500);
    test.now = seconds(5);
    assert.deepEqual(await expected(test), [null, iso(seconds(20))]);
    test.now = seconds(30);
    assert.deepEqual(await expected(test), [null, null], 'it takes longer than usual');
  });

  it('is unknown for a command that has not been run before', async () => {
    using test = new ProgressFixture();
    assert.deepEqual(await expected(test), [null, null]);
  });

  async function expected(test: ProgressFixture): Promise<unknown[]> {
    const { progress, expectedEnd } = await test.look();
    return [progress, expectedEnd];
  }
});
