import assert from 'node:assert/strict';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs list', () => {
  const home = useHome();
  const ids = async (...args: string[]): Promise<string[]> =>
    (await home.json<JobList>(['list', ...args])).jobs.map((job) => job.id);

  it('says on stderr that there are no jobs', async () => {
    const result = await home.bgjobs(['list']);
    assert.deepEqual([result.code, result.stdout, result.stderr], [0, '', 'bgjobs: no jobs\n']);
    assert.deepEqual(await home.json(['list']), { jobs: [], total: 0, cursor: null });
  });

  it('shows the newest first, by state, session and tag', async () => {
    const done = await home.run(['--session', 'a', '--tag', 'kind=test', '--', 'true']);
    await home.ended(done.id);
    const failed = await home.run(['--session', 'b', '--tag', 'kind=build', '--', 'false']);
    await home.ended(failed.id);
    const running = await home.run(['--session', 'b', '--name', 'a nap', '--', 'sleep', '600']);
    await home.reaches(running.id, 'running');
    const held = await home.run(['--session', 'a', '--hold', '--', 'true']);

    assert.deepEqual(await ids(), [held.id, running.id, failed.id, done.id]);
    assert.deepEqual(await ids('--status', 'running'), [running.id]);
    assert.deepEqual(await ids('--status', 'waiting'), [held.id]);
    assert.deepEqual(await ids('--status', 'finished'), [failed.id, done.id]);
    assert.deepEqual(await ids('--status', 'failed,held'), [held.id, failed.id]);
    assert.deepEqual(await ids('--session', 'b'), [running.id, failed.id]);
    assert.deepEqual(await ids('--tag', 'kind'), [failed.id, done.id]);
    assert.deepEqual(await ids('--tag', 'kind=test'), [done.id]);
    assert.deepEqual(await ids('--session', 'nosuch'), []);

    const { stdout } = await home.bgjobs(['list']);
    const [heading = '', , nap = '', ...rest] = stdout.trimEnd().split('\n');
    assert.match(heading, /^ID +STATUS +EXIT +SESSION +CREATED +ELAPSED +JOB$/);
    assert.match(nap, new RegExp(`^${running.shortId} +running +b +.* a nap$`));
    assert.match(rest[0] ?? '', new RegExp(`^${failed.shortId} +failed +1 +b +.* false$`));
    assert.equal(rest.length, 2);
  });

  it('shows only so many, and how many there are', async () => {
    const list = await home.json<JobList>(['list', '--limit', '1']);
    assert.deepEqual([list.jobs.length, list.total], [1, 4]);
    const text = await home.bgjobs(['list', '--limit', '3']);
    assert.equal(text.stdout.trimEnd().split('\n').length, 4);
    assert.match(text.stderr, /1 older job is not shown/);
  });

  it('refuses an unknown status', async () => {
    const result = await home.bgjobs(['list', '--status', 'sleeping']);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /sleeping/);
  });

  it('shows no control characters of a name', async () => {
    await home.run(['--name', 'evil \x1b[2J', '--hold', '--', 'true']);
    const { stdout } = await home.bgjobs(['list']);
    assert.ok(!stdout.includes('\x1b'));
    assert.ok(stdout.includes('evil \\x1b[2J'));
  });

  it('shows no control codes of C1, no DEL and no change of direction, in no list', async () => {
    const evil = /[\x7f-\x9f\u202e\u2066]/;
    const name = 'evil \u202etxt\x9b2J\x7f\u2066';
    const { id } = await home.run([
      '--name',
      name,
      '--session',
      `s ${name}`,
      '--tag',
      `a=${name}`,
      '--hold',
      '--',
      'true',
    ]);
    for (const args of [['list'], ['status', id], ['queue'], ['metrics'], ['status', `${id.slice(0, 8)}${name}`]]) {
      const text = await home.bgjobs(args);
      assert.doesNotMatch(text.stdout + text.stderr, evil, args.join(' '));
      const json = await home.bgjobs([...args, '--json']);
      assert.doesNotMatch(json.stdout + json.stderr, evil, args.join(' '));
    }
    assert.equal((await home.json<Job>(['status', id])).name, name);
  });
});
