import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { type Home, useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

const text = async (home: Home, ...args: string[]): Promise<string> => (await home.bgjobs(args)).stdout;

describe('bgjobs run --after', () => {
  const home = useHome();

  it('starts when its dependencies have met their conditions', async () => {
    const first = await home.run(['--', 'sh', '-c', 'until [ -e go ]; do sleep 0.02; done']);
    const second = await home.run(['--after', first.shortId, '--after', `${first.shortId}:started`, '--', 'true']);
    assert.deepEqual([second.status, second.dependsOn.length], ['pending', 2]);
    const status = await text(home, 'status', second.id);
    assert.match(status, new RegExp(`^Status +pending, waits for ${first.shortId} \\(running\\) to succeed$`, 'm'));
    assert.match(status, new RegExp(`^Depends on +${first.shortId} \\(running\\) to succeed, `, 'm'));
    writeFileSync(join(home.path, 'go'), '');
    assert.equal((await home.ended(second.id)).status, 'completed');
    assert.match(
      await text(home, 'status', second.id),
      new RegExp(`^Depends on +${first.shortId} \\(completed\\) `, 'm'),
    );
    await home.json(['remove', first.id]);
    assert.match(
      await text(home, 'status', second.id),
      new RegExp(`^Depends on +${first.shortId} \\(removed\\) `, 'm'),
    );
  });

  it('is canceled when a condition cannot be met any more, or waits', async () => {
    const first = await home.run(['--', 'sh', '-c', 'exit 3']);
    const second = await home.ended((await home.run(['--after', first.id, '--', 'true'])).id);
    assert.deepEqual([second.status, second.reason], ['cancelled', 'dependency_failed']);
    assert.match(await text(home, 'status', second.id), /canceled because a dependency was not met/);
    await home.ended(first.id);
    const { stdout } = await home.bgjobs(['run', '--after', first.id, '--', 'true']);
    assert.match(stdout, /^Canceled because a dependency was not met/m);
    const options = ['--after', first.id, '--if-dependency-fails', 'wait'];
    const third = await home.run([...options, '--', 'true']);
    assert.equal(third.waitingFor?.type, 'dependency');
  });
});

describe('bgjobs run --retry and --restart', () => {
  const home = useHome();
  const soon = ['--retry-delay', '1ms'];

  it('tries again, until no attempt is left', async () => {
    const job = await home.run(['--retry', '2', ...soon, '--', 'sh', '-c', 'exit 3']);
    const ended = await home.ended(job.id);
    assert.deepEqual([ended.status, ended.attempt, ended.gaveUp, ended.runs.length], ['failed', 3, true, 3]);
    const status = await text(home, 'status', job.id);
    assert.match(status, /^Status +failed \(exit code 3\) after \S+, gave up after 3 attempts$/m);
    assert.match(status, /^Retry +up to 3 attempts, delay 1ms × 2$/m);
    assert.match(await text(home, 'list'), new RegExp(`^${job.shortId} +failed, gave up `, 'm'));
  });

  it('tries again only after the listed exit codes', async () => {
    const job = await home.ended((await home.run(['--retry', '2', '--retry-on', '75', '--', 'sh', '-c', 'exit 3'])).id);
    assert.deepEqual([job.runs.length, job.gaveUp], [1, false]);
  });

  it('says for which attempt it waits, and which one runs', async () => {
    const script = 'if [ -e tried ]; then exec sleep 600; else touch tried; exit 3; fi';
    const late = await home.run(['--retry', '4', '--retry-delay', '1h', '--retry-max-delay', '1h', '--', 'false']);
    const again = await home.run(['--retry', '4', ...soon, '--', 'sh', '-c', script]);
    await until('it is tried again', async () =>
      (await home.json<Job>(['status', again.id])).attempt === 2 ? true : undefined,
    );
    await home.reaches(again.id, 'running');
    await home.reaches(late.id, 'pending');
    assert.match(await text(home, 'status', late.id), /^Status +pending, attempt 2 of 5 in \d+m .*\(.*:\d\d\)$/m);
    assert.match(await text(home, 'status', again.id), /^Status +running for .*, attempt 2 of 5$/m);
    const list = await text(home, 'list');
    assert.match(list, new RegExp(`^${late.shortId} +pending, in \\d+m`, 'm'));
    assert.match(list, new RegExp(`^${again.shortId} +running, attempt 2 of 5`, 'm'));
  });

  it('starts a server again however it ends, until it is killed, and gives up when that is too often', async () => {
    const always = await home.run(['--restart', 'always', ...soon, '--retry-backoff', '1', '--', 'true']);
    const failing = await home.run(['--restart', 'on-failure', '--max-restarts', '2/1h', ...soon, '--', 'false']);
    const gaveUp = await home.ended(failing.id);
    assert.deepEqual([gaveUp.status, gaveUp.gaveUp, gaveUp.runs.length], ['failed', true, 3]);
    await until('it was started often', async () => {
      const { runs, gaveUp: hasGivenUp } = await home.json<Job>(['status', always.id]);
      return runs.length >= 6 && hasGivenUp ? true : undefined;
    });
    const fine = await home.ended((await home.run(['--restart', 'on-failure', '--', 'true'])).id);
    assert.deepEqual([fine.status, fine.runs.length], ['completed', 1]);
  });
});

describe('bgjobs run --at and --cron', () => {
  const home = useHome();

  it('starts at its time, or at once when it is released', async () => {
    const soon = await home.run(['--at', '200ms', '--', 'true']);
    assert.equal((await home.ended(soon.id)).status, 'completed');
    const shown = await text(home, 'run', '--at', '1h', '--', 'touch', 'ran');
    assert.match(shown, /^\w{8} scheduled .*\nStarts in (1h|59m \d+s) \(.*\)\.\nNext: bgjobs release/);
    const id = shown.slice(0, 8);
    assert.match(await text(home, 'list'), new RegExp(`^${id} +scheduled, in (1h|59m)`, 'm'));
    assert.ok(!existsSync(join(home.path, 'ran')));
    await home.json(['release', id]);
    assert.equal((await home.ended(id)).status, 'completed');
  });

  it('says that one of the two fields for days is enough, unless both must match', async () => {
    const start = (cron: string) => text(home, 'run', '--cron', cron, '--time-zone', 'UTC', '--', 'true');
    const either = await start('0 4 13 * 5');
    assert.match(either, /^Next run in .*; either its day of the month or its day of the week is enough\.$/m);
    assert.match(await text(home, 'status', either.slice(0, 8)), /^Status +scheduled, .* is enough$/m);
    for (const cron of ['0 4 13 * *', '0 4 ? * 5', '0 4 * * 5', '@daily', '0 4 13 * +5']) {
      assert.doesNotMatch(await start(cron), /enough/, cron);
    }
    const both = await home.run(['--cron', '0 4 13 * +5', '--time-zone', 'UTC', '--', 'true']);
    const due = new Date(both.dueAt ?? '');
    assert.deepEqual([due.getUTCDate(), due.getUTCDay()], [13, 5]);
  });

  it('shows the next time and the jobs of a schedule, and creates no more when it is killed', async () => {
    const options = ['--cron', '30 4 1 1 *', '--time-zone', 'Europe/Berlin', '--name', 'yearly'];
    const schedule = await home.run([...options, '--', 'true']);
    assert.deepEqual([schedule.status, schedule.options.cron], ['scheduled', '30 4 1 1 *']);
    assert.match(schedule.dueAt ?? '', /-01-01T03:30:00/);
    await home.json(['release', schedule.id]);
    const { jobs } = await home.json<{ jobs: Job[] }>(['list', '--schedule', schedule.shortId]);
    const [made] = jobs;
    assert.deepEqual([jobs.length, made?.schedule, made?.options.cron], [1, schedule.id, null]);
    await home.ended(made?.id ?? '');
    const status = await text(home, 'status', schedule.id);
    assert.match(status, /^Status +scheduled, next run in .* \(.*-01-01 .*\)$/m);
    assert.match(status, /^Schedule +30 4 1 1 \* \(Europe\/Berlin\)$/m);
    assert.match(status, new RegExp(`^Created job +${made?.shortId} .*completed after \\S+$`, 'm'));
    assert.match(
      await text(home, 'status', made?.id ?? ''),
      new RegExp(`^Created by the schedule +${schedule.shortId}$`, 'm'),
    );
    const waiting = await home.bgjobs(['wait', schedule.id, '--timeout', '1ms']);
    assert.equal(waiting.code, 124);
    assert.match(waiting.stderr, new RegExp(`is a schedule.* bgjobs list --schedule ${schedule.shortId}\n`));
    assert.match(await text(home, 'kill', schedule.id), /canceled, it creates no more jobs/);
    assert.match(await text(home, 'status', schedule.id), /^Status +canceled, it creates no more jobs$/m);
    assert.match((await home.error(2, ['run', '--after', schedule.id, '--', 'true'])).message, /never ends/);
  });
});

describe('bgjobs run --mutex and --unless-running', () => {
  const home = useHome();

  it('runs one job of a name at a time', async () => {
    const first = await home.run(['--mutex', 'database', '--', 'sleep', '600']);
    const second = await home.run(['--mutex', 'database', '--', 'true']);
    assert.deepEqual(second.waitingFor, { type: 'mutex', mutex: 'database', jobId: first.id });
    await home.bgjobs(['kill', first.id]);
    assert.equal((await home.ended(second.id)).status, 'completed');
  });

  it('returns the job that is already running', async () => {
    const first = await home.run(['--name', 'dev', '--', 'sleep', '600']);
    const again = await text(home, 'run', '--unless-running', '--name', 'dev', '--', 'sleep', '600');
    assert.match(again, new RegExp(`^${first.shortId} running \\(already existed\\)`));
  });
});

describe('what bgjobs run refuses about times and order', () => {
  const home = useHome();

  for (const [options, message] of [
    [['--after', 'ffffffff'], /^dependsOn: No job has the id or the name "ffffffff"/],
    [['--cron', 'every day'], /^cron: "every day" is not a schedule: .*"30 4 \* \* 1-5"/],
    [['--cron', '0 0 30 2 *'], /^cron: .* matches no date/],
    [['--cron', '@reboot'], /^cron: "@reboot" is not a time, .*"@reboot bgjobs run -- COMMAND" in crontab\.$/],
    [
      ['--cron', 'CRON_TZ=Europe/Berlin 0 4 * * *'],
      /^cron: .* has a time zone in it\. Give "0 4 \* \* \*", and timeZone \(--time-zone\) Europe\/Berlin\.$/,
    ],
    [['--cron', 'TZ=UTC 0 4 * * *'], /Give "0 4 \* \* \*", and timeZone \(--time-zone\) UTC\.$/],
    [['--cron', '@every 5m'], /is not a schedule: the names are @yearly, .*\. Write it like "30 4 \* \* 1-5"\.$/],
    [['--cron', '60 4 * * *'], /is not a schedule: "60" is not understood as the minute \(0 to 59\)\./],
    [['--cron', '0 4 0 * *'], /: "0" is not understood as the day of the month \(1 to 31, or L for the last\)\./],
    [['--cron', '0 4 * * mon-foo'], /: "mon-foo" is not understood as the day of the week \(0 to 7, or sun to sat\)\./],
    [['--cron', 'H 0 4 * * *'], /: "H" is not understood as the second \(0 to 59\)\./],
    [['--cron', '0 4 * * *', '--time-zone', 'Mars/Phobos'], /^timeZone: .*Mars\/Phobos/],
    [
      ['--restart', 'always', '--retry-delay', '2s', '--retry-max-delay', '1s'],
      /^restart: delayMs 2000 is more than maxDelayMs 1000/,
    ],
    [['--at', '2020-01-01 12:00'], /^at: .* is in the past/],
    [['--retry', '2000'], /^retry\.maxAttempts: /],
    [['--retry', '1', '--restart', 'always'], /not both/],
    [['--at', '1h', '--cron', '0 4 * * *'], /not both/],
  ] as const) {
    it(`${options.join(' ')}: exit code 2, and why`, async () => {
      const { code, message: why } = await home.error(2, ['run', ...options, '--', 'true']);
      assert.equal(code, 'invalid_request');
      assert.match(why, message);
    });
  }
});
