import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { Job } from '../../src/api/job.ts';
import { FakeTime, provideFakeTime } from '../helpers/fakeTime.ts';
import { useHostHome } from '../helpers/jobHost.ts';

const hourMs = 3_600_000;
const day = 24;

describe('a host whose clock is set while jobs run', function () {
  const home = useHostHome();
  let library: string | undefined;
  let folder = '';
  let time: FakeTime;
  let client: ApiClient;

  before(async function () {
    if (process.platform === 'linux') library = await provideFakeTime();
    if (library === undefined) {
      console.log('SKIPPED: the clock is not set, because libfaketime is neither installed nor to be had here.');
      this.skip();
    }
  });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bj-clock-'));
    time = new FakeTime(library!, folder);
    client = await home.connect({ env: home.options(time.env).env });
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Ends when `stdin` gets a line, and writes until then. */
  const busy = 'while ! read -t 0.05 line; do echo working; done; echo done';

  const start = async (script: string, options: object = {}): Promise<Job> => {
    const { job } = await client.startJob({
      argv: ['bash', '-c', script],
      cwd: '/',
      stdin: { type: 'pipe' },
      ...options,
    });
    return job;
  };
  const started = (job: Job): Promise<unknown> => client.waitForJob(job.id, { for: '/working/' });
  const wroteAgain = async (job: Job): Promise<void> => {
    const before = (await client.getJob(job.id)).runs[0]!.stdoutBytes;
    for (;;) if ((await client.getJob(job.id)).runs[0]!.stdoutBytes > before) return;
  };
  const end = async (job: Job): Promise<Job> => {
    await client.sendInput(job.id, { text: 'end\n' });
    return (await client.waitForJob(job.id, { for: 'exit' })).job;
  };

  for (const hours of [1, day, 20_000 * day, -1, -day]) {
    it(`ends no busy job by a limit when it is set by ${hours} hours and counts how long it really took`, async () => {
      const begun = performance.now();
      const job = await start(busy, { timeoutMs: 10 * 60_000, idleTimeoutMs: 60_000 });
      await started(job);
      time.set(hours);
      await wroteAgain(job);
      const ended = await end(job);
      const tookMs = performance.now() - begun;
      assert.equal(ended.status, 'completed');
      const times = [ended.startedAt, ended.finishedAt].map((text) => Date.parse(text!));
      assert.ok(times[0]! <= times[1]!, `${times.join(' to ')}`);
      assert.ok(ended.durationMs! >= 0 && ended.durationMs! <= tookMs + 3000, `${ended.durationMs} of ${tookMs} ms`);
    });
  }

  it('ends a job by its time limit as late as ever, also when another host has taken it over', async () => {
    const job = await start(busy, { timeoutMs: 4000 });
    const begun = performance.now();
    await started(job);
    time.set(-day);
    await home.killHost();
    time.set(day);
    client = await home.connect({ env: home.options(time.env).env });
    const { job: ended } = await client.waitForJob(job.id, { for: 'exit' });
    assert.equal(ended.reason, 'timeout');
    const tookMs = performance.now() - begun;
    assert.ok(tookMs >= 3500, `${tookMs} ms`);
  });

  it('does not start a delayed job earlier or later, and starts what is due by the clock', async () => {
    const delayed = await start('true', { delayMs: 30 * 60_000 });
    const inTwoHours = new Date(Date.now() + 2 * hourMs).toISOString();
    const timed = await start('true', { at: inTwoHours });
    time.set(3);
    // The host reads the clock when it is told a new time, and otherwise once a minute.
    await start('true', { delayMs: 45 * 60_000 });
    assert.equal((await client.waitForJob(timed.id, { for: 'exit' })).job.status, 'completed');
    const waiting = await client.getJob(delayed.id);
    assert.equal(waiting.status, 'scheduled');
    const leftMs = Date.parse(waiting.dueAt!) - (Date.now() + 3 * hourMs);
    assert.ok(leftMs > 28 * 60_000 && leftMs <= 30 * 60_000, `${leftMs} ms`);
  });
});
