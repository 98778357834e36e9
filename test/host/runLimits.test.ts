import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs run over the limit of the host', () => {
  const home = useHome({ BGJOBS_MAX_CONCURRENT_JOBS: '1' });
  /** Takes the only place; the function gives it back. */
  const fill = async (): Promise<() => Promise<unknown>> => {
    const job = await home.run(['--name', 'filler', '--', 'sleep', '600']);
    return () => home.bgjobs(['kill', job.id]);
  };

  it('waits, says why, and starts when there is a slot', async () => {
    const free = await fill();
    const job = await home.run(['--', 'true']);
    assert.equal(job.status, 'pending');
    assert.deepEqual(job.waitingFor, { type: 'limit', scope: 'host', maximum: 1 });
    const text = await home.bgjobs(['status', job.id]);
    assert.match(text.stdout, /pending, job limit reached \(1\)/);
    await free();
    assert.equal((await home.ended(job.id)).status, 'completed');
  });

  it('fails with --if-full reject', async () => {
    const free = await fill();
    const error = await home.error(6, ['run', '--if-full', 'reject', '--', 'true']);
    assert.deepEqual([error.code, error.retryable], ['limit_reached', true]);
    await free();
  });

  it('starts the highest priority first, then the oldest', async () => {
    const free = await fill();
    const log = join(home.path, 'order');
    const jobs: string[] = [];
    for (const priority of [1, 5, 9, 5, 10]) {
      const number = jobs.length;
      const args = ['--priority', String(priority), '--shell', `echo ${priority}.${number} >> ${log}`];
      jobs.push((await home.run(args)).id);
    }
    await free();
    for (const id of jobs) await home.ended(id);
    assert.deepEqual(readFileSync(log, 'utf8').trim().split('\n'), ['10.4', '9.2', '5.1', '5.3', '1.0']);
  });

  it('never runs a waiting job that was cancelled', async () => {
    const free = await fill();
    const mark = join(home.path, 'ran');
    const cancelled = await home.run(['--', 'touch', mark]);
    const next = await home.run(['--', 'true']);
    const result = await home.json<{ result: string }>(['kill', cancelled.id]);
    assert.equal(result.result, 'cancelled');
    await free();
    assert.equal((await home.ended(next.id)).status, 'completed');
    const job = await home.ended(cancelled.id);
    assert.deepEqual([job.status, job.reason, job.startedAt, job.runs], ['cancelled', 'user', null, []]);
    assert.ok(!existsSync(mark));
  });
});

describe('bgjobs run over the limit of a session', () => {
  const home = useHome();

  it('waits while another session continues', async () => {
    const running = await Promise.all(
      Array.from({ length: 5 }, () => home.run(['--session', 'a', '--', 'sleep', '600'])),
    );
    const waiting = await home.run(['--session', 'a', '--', 'true']);
    assert.deepEqual(waiting.waitingFor, { type: 'limit', scope: 'session', maximum: 5 });
    assert.equal((await home.ended((await home.run(['--session', 'b', '--', 'true'])).id)).status, 'completed');
    assert.equal((await home.reaches(waiting.id, 'pending')).status, 'pending');
    await home.bgjobs(['kill', running[0]?.id ?? '']);
    assert.equal((await home.ended(waiting.id)).status, 'completed');
  });
});
