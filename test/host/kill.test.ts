import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KillManyResult, KillResult } from '../../src/api/control.ts';
import type { Job } from '../../src/api/job.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { processesOf, useHome } from '../helpers/cli.ts';
import type { ErrorDocument } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs kill', () => {
  const home = useHome();
  const sh = async (script: string, ...options: string[]): Promise<Job> => {
    const job = await home.run([...options, '--', 'sh', '-c', `${script}`]);
    await home.json(['wait', job.id, '--for', '/up/']);
    return job;
  };
  const sleeper = (...options: string[]) => sh('echo up; exec sleep 600', ...options);
  // A session has room for five.
  afterEach(() => home.bgjobs(['kill', '--all', '--signal', 'KILL']));
  const kill = (...args: string[]) => home.json<KillResult>(['kill', ...args]);

  it('ends a job with TERM, and says killed when it is dead', async () => {
    const job = await sleeper();
    const result = await kill(job.id, '--reason', 'enough');
    assert.deepEqual(
      [result.result, result.signal, result.escalated, result.survivors],
      ['killed', 'SIGTERM', false, []],
    );
    assert.deepEqual(
      [result.job.status, result.job.signal, result.job.reason, result.job.reasonText],
      ['killed', 'SIGTERM', 'user', 'enough'],
    );
    assert.deepEqual(processesOf(`${job.id}.1`), []);
  });

  for (const [name, expected] of [
    ['HUP', 'SIGHUP'],
    ['sigint', 'SIGINT'],
    ['Quit', 'SIGQUIT'],
    ['SIGKILL', 'SIGKILL'],
  ] as const) {
    it(`sends ${expected} for ${name}`, async () => {
      const job = await sleeper();
      const result = await kill(job.id, '--signal', name);
      assert.deepEqual([result.result, result.signal, result.job.signal], ['killed', expected, expected]);
    });
  }

  it('kills what ignores TERM after the grace time, with its child', async () => {
    const job = await sh('trap "" TERM; sleep 600 & echo up; wait', '--grace', '500ms');
    const result = await kill(job.id);
    assert.deepEqual([result.result, result.escalated, result.signal], ['killed', true, 'SIGTERM']);
    assert.ok(result.durationMs >= 500);
    assert.deepEqual([result.job.status, result.job.signal], ['killed', 'SIGKILL']);
    assert.deepEqual(processesOf(`${job.id}.1`), []);
  });

  it('says so in words', async () => {
    const job = await sh('trap "" TERM; sleep 600 & echo up; wait');
    const result = await home.bgjobs(['kill', job.shortId, '--grace', '200ms']);
    assert.match(result.stdout, new RegExp(`^${job.shortId} stopped with SIGTERM in .*, SIGKILL was needed\n$`));
  });

  it('only delivers USR1', async () => {
    const job = await sh('trap "echo got it" USR1; echo up; while :; do sleep 0.05; done');
    const result = await kill(job.id, '--signal', 'usr1');
    assert.deepEqual([result.result, result.signal], ['signalled', 'SIGUSR1']);
    assert.equal((await home.json<{ match: string }>(['wait', job.id, '--for', '/got it/'])).match, 'got it');
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
  });

  it('only delivers a signal with --no-escalate', async () => {
    const job = await sh('trap "echo reloaded" HUP; echo up; while :; do sleep 0.05; done');
    assert.equal((await kill(job.id, '--signal', 'HUP', '--no-escalate')).result, 'signalled');
    await home.json(['wait', job.id, '--for', '/reloaded/']);
  });

  it('returns at once with --no-wait', async () => {
    const job = await sh('trap "" TERM; echo up; while :; do sleep 0.05; done', '--grace', '10m');
    assert.equal((await kill(job.id, '--no-wait')).result, 'stopping');
    assert.equal((await home.json<Job>(['status', job.id])).status, 'stopping');
    assert.equal((await kill(job.id, '--signal', 'KILL')).result, 'killed');
    assert.equal((await home.ended(job.id)).status, 'killed');
  });

  it('changes nothing about a job that has ended', async () => {
    const job = await home.ended((await home.run(['--', 'sh', '-c', 'exit 5'])).id);
    const text = await home.bgjobs(['kill', job.id, '--reason', 'late']);
    assert.equal(text.code, 0);
    assert.match(text.stdout, new RegExp(`^${job.shortId} had already ended: failed \\(exit code 5\\) after \\S+\n$`));
    assert.equal((await kill(job.id)).result, 'already_terminated');
    assert.deepEqual(await home.json(['status', job.id]), job);
  });

  /** A process may be found before it has loaded its program. */
  const left = ({ id }: Job, commands: string[]): Promise<true> =>
    until('what it has left is known', async () => {
      const { leftovers } = await home.json<Job>(['status', id]);
      return isDeepStrictEqual(leftovers.map(({ command }) => command).sort(), commands) || undefined;
    });

  it('ends processes that outlived the main process, and keeps the state', async () => {
    const job = await home.ended((await home.run(['--', 'sh', '-c', 'sleep 600 & sleep 601 & exit 0'])).id);
    assert.equal(job.status, 'completed');
    assert.equal(job.leftovers.length, 2);
    await left(job, ['sleep 600', 'sleep 601']);
    const result = await kill(job.id);
    assert.deepEqual([result.result, result.leftoversEnded], ['already_terminated', 2]);
    assert.deepEqual([result.job.status, result.job.exitCode, result.job.leftovers], ['completed', 0, []]);
    assert.deepEqual(processesOf(`${job.id}.1`), []);
  });

  it('leaves alone the host of another store that the job has started', async () => {
    const other = join(home.path, 'other');
    const list = `BGJOBS_HOME=${other} ${process.execPath} ${await bundledCli()}`;
    const job = await home.ended((await home.run(['--', 'sh', '-c', `${list} host start; setsid sleep 600 &`])).id);
    await left(job, ['sleep 600']);
    assert.equal((await kill(job.id)).leftoversEnded, 1);
    const env = { BGJOBS_HOME: other };
    assert.equal((await home.bgjobs(['host', 'status'], { env })).code, 0);
    await home.bgjobs(['host', 'stop'], { env });
  });

  it('kills only the run that is named', async () => {
    const job = await sleeper();
    assert.equal((await home.error(3, ['kill', job.id, '--run', '2'])).code, 'run_not_found');
    await home.json(['restart', job.id]);
    await home.reaches(job.id, 'running');
    assert.equal((await home.error(4, ['kill', job.id, '--run', '1'])).code, 'run_superseded');
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
    assert.equal((await kill(job.id, '--run', '2')).result, 'killed');
  });

  it('puts the job back into the queue with --requeue', async () => {
    const job = await sleeper();
    assert.equal((await kill(job.id, '--requeue')).result, 'killed');
    const again = await home.reaches(job.id, 'running');
    assert.deepEqual([again.run, again.runs.map((run) => run.status)], [2, ['killed', 'running']]);
  });

  it('refuses a held job, and names release and remove', async () => {
    const job = await home.run(['--hold', '--', 'true']);
    const result = await home.bgjobs(['kill', job.id]);
    assert.equal(result.code, 4);
    assert.match(result.stderr, /release.*remove/s);
    assert.equal((await home.error(4, ['kill', job.id])).code, 'invalid_state');
  });

  it('refuses an unknown signal', async () => {
    const job = await sleeper();
    const error = await home.error(2, ['kill', job.id, '--signal', 'STOP']);
    assert.equal(error.code, 'unknown_signal');
    assert.match(error.message, /SIGTERM/);
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
  });

  it('takes several ids, and reports the result of each', async () => {
    const [one, two] = [await sleeper(), await sleeper()];
    const result = await home.bgjobs(['kill', one.id, 'ffffffff-0000', two.id, '--json']);
    assert.equal(result.code, 3);
    const { results } = JSON.parse(result.stdout) as { results: (Partial<KillResult> & Partial<ErrorDocument>)[] };
    assert.deepEqual(
      results.map((each) => each.result ?? each.error?.code),
      ['killed', 'job_not_found', 'killed'],
    );
  });

  it('stops a session, a tag, all', async () => {
    const a = await sleeper('--session', 'a', '--tag', 'x=1');
    const b = await sleeper('--session', 'b', '--tag', 'x=1');
    const c = await sleeper('--session', 'b');
    const ids = async (...args: string[]): Promise<string[]> =>
      (await home.json<KillManyResult>(['kill', ...args])).results.map(({ job }) => job.id);
    assert.deepEqual(await ids('--session', 'a'), [a.id]);
    assert.deepEqual(await ids('--tag', 'x=1'), [b.id]);
    assert.ok((await ids('--all')).includes(c.id));
    assert.equal((await home.json<{ total: number }>(['list', '--status', 'running'])).total, 0);
    assert.deepEqual([(await home.bgjobs(['kill', '--session', 'nosuch'])).stdout], ['no jobs to stop\n']);
  });

  it('requires ids or an option', async () => {
    for (const args of [[], ['1a2b', '--all'], ['--all', '--session', 'a'], ['--all', '--run', '1']]) {
      assert.equal((await home.bgjobs(['kill', ...args])).code, 2, args.join(' '));
    }
    assert.equal((await home.error(3, ['kill', 'ffffffff-0000'])).code, 'job_not_found');
  });
});
