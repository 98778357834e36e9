import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { homeFiles, readHostRecord } from '../../src/dataDir/dataDir.ts';
import type { EventPage } from '../../src/api/events.ts';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';
import { ask } from '../helpers/http.ts';
import { until } from '../helpers/until.ts';

describe('jobs that start at their time', () => {
  const home = useHome();
  let everyMinute: Job;

  const madeBy = async ({ id }: Job): Promise<Job[]> =>
    (await home.json<JobList>(['list', '--schedule', id, '--limit', '1000'])).jobs.reverse();
  const atLeast = (schedule: Job, count: number): Promise<Job[]> =>
    until(`${count} jobs are made`, async () => {
      const made = await madeBy(schedule);
      return made.length >= count ? made : undefined;
    });
  const killHost = async (): Promise<void> => {
    const { pid } = await home.json<{ pid: number }>(['host', 'status']);
    process.kill(pid, 'SIGKILL');
  };
  const second = (time: string | null): string => time?.slice(0, 19) ?? '';

  /** What is told of each time: the id of the job that was made, or why none was. */
  const fired = async ({ id }: Job): Promise<(string | null)[]> => {
    const record = readHostRecord(homeFiles(home.path).record) ?? assert.fail();
    const { body } = await ask(record, 'GET', `/v1/events?since=0&job=${id}&format=json&limit=1000`);
    const { events } = JSON.parse(body) as EventPage;
    return events.filter(({ type }) => type === 'fired').map(({ text }) => text);
  };

  /** Each at a time of its own, and none before it. */
  const checkTimes = async (schedule: Job, made: readonly Job[]): Promise<void> => {
    const times = made.map(({ createdAt }) => second(createdAt));
    assert.equal(new Set(times).size, times.length, times.join(' '));
    const told = await fired(schedule);
    for (const { id } of made) assert.equal(told.filter((text) => text === id).length, 1);
  };

  it('a schedule can be made for every minute', async () => {
    everyMinute = await home.run(['--cron', '* * * * *', '--time-zone', 'UTC', '--', 'sh', '-c', 'date -u +%S']);
    assert.deepEqual([everyMinute.status, everyMinute.dueAt?.slice(16)], ['scheduled', ':00.000Z']);
  });

  it('a schedule with seconds makes a job each time, which runs by itself', async () => {
    const options = ['--cron', '* * * * * *', '--if-overlap', 'start', '--name', 'tick', '--tag', 'a=b'];
    const schedule = await home.run([...options, '--', 'sh', '-c', 'echo "$0 $WHO"', 'hello'], { env: { WHO: 'me' } });
    const made = await atLeast(schedule, 3);
    await home.bgjobs(['kill', schedule.id]);
    for (const job of made) {
      const ended = await home.ended(job.id);
      assert.deepEqual(
        [ended.status, ended.name, ended.tags, ended.options.cron],
        ['completed', 'tick', { a: 'b' }, null],
      );
      assert.equal(readFileSync(ended.runs[0]!.logs.stdout, 'utf8'), 'hello me\n');
    }
    await checkTimes(schedule, made);
    const { status, reason } = await home.json<Job>(['status', schedule.id]);
    assert.deepEqual([status, reason], ['cancelled', 'user']);
  });

  it('a schedule continues when its host is killed, and creates no job twice', async () => {
    const schedule = await home.run(['--cron', '*/2 * * * * *', '--', 'true']);
    for (const count of [1, 2, 3]) {
      await atLeast(schedule, count);
      await killHost();
    }
    const made = await atLeast(schedule, 4);
    await home.bgjobs(['kill', schedule.id]);
    await checkTimes(schedule, made);
  });

  it('a time is skipped while the previous job is still running', async () => {
    const schedule = await home.run(['--cron', '* * * * * *', '--', 'sleep', '600']);
    const [running] = await atLeast(schedule, 1);
    const leftOut = await until('a time is left out', async () =>
      (await fired(schedule)).find((text) => text !== running!.id),
    );
    assert.match(leftOut ?? '', /^left out: the job of the last time has not ended/);
    await home.bgjobs(['kill', schedule.id]);
    assert.deepEqual(
      (await madeBy(schedule)).map(({ id, status }) => [id, status]),
      [[running!.id, 'running']],
    );
    await home.bgjobs(['kill', running!.id]);
  });

  it('a job with a time starts then, also when its host is killed before', async () => {
    const [soon, later] = [
      await home.run(['--at', '1500ms', '--', 'true']),
      await home.run(['--at', '3s', '--', 'true']),
    ];
    assert.deepEqual([soon.status, soon.waitingFor?.type], ['scheduled', 'time']);
    for (const job of [soon, later]) {
      const ended = await home.ended(job.id);
      assert.equal(ended.status, 'completed');
      assert.ok((ended.startedAt ?? '') >= (job.dueAt ?? ''), 'not before its time');
      await killHost();
    }
  });

  it('a schedule for every minute creates its job at the next full minute', async () => {
    const [made] = await atLeast(everyMinute, 1);
    const ended = await home.ended(made!.id);
    assert.equal(made!.createdAt.slice(0, 16), everyMinute.dueAt?.slice(0, 16));
    assert.equal(ended.status, 'completed');
    await home.bgjobs(['kill', everyMinute.id]);
    assert.ok(readFileSync(ended.runs[0]!.logs.stdout, 'utf8') < '30\n');
  });
});
