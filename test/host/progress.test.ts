import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobEvent } from '../../src/api/events.ts';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome, type RunningCli } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

/** Draws a bar as tqdm does, to stderr, as far as the file `share` says, and prints lines to stdout besides. */
const drawing = `
const { readFileSync } = require('node:fs');
let last = '';
setInterval(() => {
  const share = readFileSync('share', 'utf8');
  if (share === 'end') process.exit(0);
  if (share === last) return;
  last = share;
  console.log('at ' + share);
  process.stderr.write('\\rfiles: ' + share.padStart(3) + '%|████      | [00:02<00:03, 49.7it/s]');
}, 20);
`;

describe('the progress of a job', () => {
  const home = useHome();
  const command = ['--', process.execPath, '-e', drawing];

  it('is shown by status, list, wait and events, and stays out of what is stored', async () => {
    draw('30');
    const { id, shortId } = await home.run(['--name', 'bar', ...command]);
    const { progress } = await shows(id, 30);
    assert.match(progress?.text ?? '', /^files: {2}30%\|████ {6}\|/);
    const { stdout } = await home.bgjobs(['status', id]);
    assert.match(stdout, /^Status .*running for .*, pid \d+, 30%$/m);
    assert.match(stdout, /^Progress +files: 30%\|████ \| \[/m);
    assert.match((await home.bgjobs(['list'])).stdout, new RegExp(`^${shortId}  running, 30% `, 'm'));
    assert.match(
      (await home.bgjobs(['wait', id, '--timeout', '10ms'])).stdout,
      /^Job \w+ \(bar\): running .*, 30%\.$/m,
    );

    const [plain, all] = [await follow(), await follow('--progress')];
    const next = async (percent: number): Promise<JobEvent> =>
      until(`${percent} % is told`, () => events(all).find((event) => event.job?.progress?.percent === percent));
    await next(30);
    draw('60');
    const { type, seq, jobId, run, text } = await next(60);
    assert.deepEqual([type, jobId, run], ['progress', id, 1]);
    assert.match(text ?? '', /60%/);
    const before = await home.json<Job>(['update', id, '--pin']);
    const pinned = await until('it is told', () =>
      events(all).find((event) => event.type === 'updated' && event.seq > seq),
    );
    assert.deepEqual([before.pinned, pinned.seq, pinned.job?.progress], [true, seq + 1, null]);
    draw('end');
    await home.ended(id);
    for (const running of [plain, all]) {
      await until('the end is told', () => events(running).find(({ to }) => to === 'completed'));
      running.child.kill('SIGTERM');
      await running.ended;
    }
    const told = events(all);
    const stored = told.filter((event) => event.type !== 'progress').map((event) => event.seq);
    assert.deepEqual(
      stored,
      stored.map((_, index) => (stored[0] ?? 0) + index),
    );
    assert.ok(events(plain).every((event) => event.type !== 'progress'));
    const times = told.filter((event) => event.type === 'progress').map(({ time }) => Date.parse(time));
    assert.ok(
      times.every((time, index) => index === 0 || time - (times[index - 1] ?? 0) >= 900),
      String(times),
    );

    const ended = await home.json<Job>(['status', id]);
    assert.deepEqual([ended.progress, ended.expectedEnd], [null, null]);
  });

  it('tells when the job will end', async () => {
    draw('10');
    const { id } = await home.run(command);
    for (const share of ['10', '20', '30']) {
      draw(share);
      await shows(id, Number(share));
    }
    // A bar that stands still for as long as it was to take promises nothing more.
    let share = 30;
    const { expectedEnd } = await until('an end is expected', async () => {
      draw(String(Math.min(99, ++share)));
      const job = await home.json<Job>(['status', id]);
      return job.expectedEnd === null ? undefined : job;
    });
    assert.ok(Date.parse(expectedEnd ?? '') > Date.now() - 60_000, String(expectedEnd));
    draw('end');
    await home.ended(id);
  });

  it('is unknown where the command shows none', async () => {
    const { id } = await home.run(['--', 'sh', '-c', "printf 'TOTAL 120 3 97%%\\n'; exec sleep 600"]);
    await home.json(['wait', id, '--for', '/97%/']);
    const { jobs } = await home.json<JobList>(['list', '--status', 'running']);
    assert.deepEqual(
      jobs.map(({ progress, expectedEnd }) => [progress, expectedEnd]),
      [[null, null]],
    );
  });

  function draw(share: string): void {
    writeFileSync(join(home.path, 'share'), share);
  }

  function shows(id: string, percent: number): Promise<Job> {
    return until(`${percent} % is shown`, async () => {
      const job = await home.json<Job>(['status', id]);
      return job.progress?.percent === percent ? job : undefined;
    });
  }

  async function follow(...options: string[]): Promise<RunningCli> {
    return home.start(['events', '--since', '0', '--json', ...options]);
  }

  function events(running: RunningCli): JobEvent[] {
    const lines = running.stdout().split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as JobEvent);
  }
});
