import assert from 'node:assert/strict';
import type { JobEvent } from '../../src/api/events.ts';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs events', () => {
  const home = useHome();
  const parse = (text: string): JobEvent[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as JobEvent);
  const ends = (event: JobEvent): boolean => event.to === 'completed' || event.to === 'failed';

  it('prints every change, from a number on and then live, without a gap', async () => {
    const first = await home.ended((await home.run(['--', 'true'])).id);
    const running = await home.start(['events', '--since', '0', '--json']);
    await until('what was is replayed', () => (parse(running.stdout()).some(ends) ? true : undefined));
    const second = await home.ended((await home.run(['--', 'false'])).id);
    const events = await until('what comes is shown', () => {
      const all = parse(running.stdout());
      return all.some((event) => event.jobId === second.id && ends(event)) ? all : undefined;
    });
    running.child.kill('SIGTERM');
    await running.ended;

    assert.deepEqual(
      events.map((event) => event.seq),
      events.map((_, index) => index + 1),
    );
    const steps = (id: string): (string | null)[] =>
      events.filter((event) => event.jobId === id && event.type !== 'updated').map((event) => event.to);
    assert.deepEqual(steps(first.id).slice(-3), ['starting', 'running', 'completed']);
    assert.deepEqual(steps(second.id).slice(-3), ['starting', 'running', 'failed']);

    const middle = events[2]?.seq ?? 0;
    const replay = await home.start(['events', '--since', String(middle), '--json']);
    const [next] = await until('the rest is replayed', () => {
      const all = parse(replay.stdout());
      return all.length > 0 ? all : undefined;
    });
    replay.child.kill('SIGTERM');
    await replay.ended;
    assert.equal(next?.seq, middle + 1);
  });

  it('prints only those of one job, also when the job was removed', async () => {
    const [first, second] = [await home.run(['--', 'true']), await home.run(['--', 'true'])];
    await home.ended(first.id);
    await home.ended(second.id);
    const told = async (last: (event: JobEvent) => boolean): Promise<JobEvent[]> => {
      const running = await home.start(['events', '--since', '0', '--job', second.shortId, '--json']);
      const events = await until('the last one is shown', () => {
        const all = parse(running.stdout());
        return all.some(last) ? all : undefined;
      });
      running.child.kill('SIGTERM');
      await running.ended;
      return events;
    };
    const events = await told(ends);
    assert.deepEqual([...new Set(events.map(({ jobId }) => jobId))], [second.id]);
    await home.bgjobs(['remove', second.id]);
    const all = await told(({ type }) => type === 'removed');
    assert.deepEqual(
      all.map(({ seq, to }) => [seq, to]).slice(0, -1),
      events.map(({ seq, to }) => [seq, to]),
    );
    assert.equal((await home.error(3, ['events', '--job', 'nowhere'])).code, 'job_not_found');
  });

  it('prints text for people', async () => {
    const job = await home.ended((await home.run(['--name', 'the build', '--', 'false'])).id);
    const running = await home.start(['events', '--since', '0']);
    const text = await until('it is shown', () => {
      const lines = running.stdout();
      return lines.includes(`${job.shortId} failed`) ? lines : undefined;
    });
    running.child.kill('SIGINT');
    await running.ended;
    assert.match(text, new RegExp(`^\\d+ \\S+Z ${job.shortId} failed \\(exit\\) code 1 the build$`, 'm'));
  });

  it('says how every attempt ended, also when its job was removed', async () => {
    const retrying = ['--retry', '1', '--retry-delay', '1ms', '--', 'sh', '-c', 'exit 3'];
    const jobs = [
      await home.run(['--', './missing']),
      await home.run(['--', 'sh', '-c', 'kill -SEGV $$']),
      await home.run(retrying),
    ];
    for (const { id } of jobs) {
      await home.ended(id);
      await home.bgjobs(['remove', id]);
    }
    const running = await home.start(['events', '--since', '0', '--json']);
    const events = await until('all are shown', () => {
      const all = parse(running.stdout());
      return all.some(({ jobId, type }) => jobId === jobs[2]!.id && type === 'removed') ? all : undefined;
    });
    running.child.kill('SIGTERM');
    await running.ended;
    const ends = events.filter(({ to }) => to === 'failed').map(({ jobId, run, text }) => [jobId, run, text]);
    const [missing, signalled, tried] = jobs.map(({ id }) => id);
    const end = (id: string | undefined): unknown[] => ends.filter(([jobId]) => jobId === id).map(([, ...how]) => how);
    assert.match(String(end(missing)), /^1,Command not found: \.\/missing/);
    assert.deepEqual(end(signalled), [[1, 'SIGSEGV']]);
    assert.deepEqual(end(tried), [
      [1, 'code 3'],
      [2, 'code 3'],
    ]);
  });

  it('ends without an error when its reader has closed the pipe', async () => {
    const running = await home.start(['events', '--since', '0']);
    await until('something comes', () => (running.stdout() === '' ? undefined : true));
    running.child.stdout?.destroy();
    await home.run(['--', 'true']);
    const result = await running.ended;
    assert.deepEqual([result.code, result.stderr], [141, '']);
  });
});
