import assert from 'node:assert/strict';
import type { WaitResult } from '../../src/api/control.ts';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome, type ErrorDocument } from '../helpers/cli.ts';

interface Results {
  results: (Job | ErrorDocument)[];
}

describe('several jobs at once', () => {
  const home = useHome();
  const statuses = async (session: string): Promise<string[]> =>
    (await home.json<JobList>(['list', '--session', session])).jobs.map(({ name, status }) => `${name} ${status}`);
  const start = (session: string, name: string, ...rest: string[]): Promise<Job> =>
    home.run(['--session', session, '--name', name, '--tag', `kind=${name}`, ...rest]);

  it('are paused, resumed, restarted, held, released, stopped and removed by session, tag, status and query', async () => {
    await start('one', 'a', '--', 'sleep', '600');
    const b = await start('one', 'b', '--', 'sleep', '600');
    await start('one', 'c', '--at', '1h', '--', 'true');
    const other = await start('two', 'a', '--', 'sleep', '600');
    assert.equal((await home.json<Results>(['pause', '--session', 'one'])).results.length, 2);
    assert.deepEqual(await statuses('one'), ['c scheduled', 'b paused', 'a paused']);
    await home.json(['resume', '--tag', 'kind=a', '--session', 'one']);
    assert.deepEqual(await statuses('one'), ['c scheduled', 'b paused', 'a running']);
    await home.json(['hold', '--query', 'name=c']);
    assert.deepEqual(await statuses('one'), ['c held', 'b paused', 'a running']);
    const killed = await home.bgjobs(['kill', '--session', 'one', '--status', 'paused', '--signal', 'KILL']);
    assert.equal(killed.code, 0, killed.stderr);
    assert.deepEqual(await statuses('one'), ['c held', 'b killed', 'a running']);
    await home.json(['release', '--session', 'one']);
    assert.deepEqual(await statuses('one'), ['c scheduled', 'b killed', 'a running']);
    const again = await home.json<Results>(['restart', '--session', 'one', '--status', 'killed']);
    assert.deepEqual(
      again.results.map((one) => ('name' in one ? one.name : one.error.message)),
      ['b'],
    );
    assert.equal((await home.reaches(b.id, 'running')).run, 2);
    await home.bgjobs(['kill', '--session', 'one', '--tag', 'kind']);
    await home.json(['remove', '--session', 'one']);
    assert.deepEqual(await statuses('one'), []);
    assert.equal((await home.json<Job>(['status', other.id])).status, 'running');
    assert.equal((await home.bgjobs(['pause', '--session', 'one'])).stderr, 'bgjobs: no jobs to pause\n');
  });

  it('are refused where nothing or too much is selected, or it does nothing', async () => {
    const of = async (...args: string[]): Promise<string> => (await home.error(2, args)).message;
    assert.match(await of('pause'), /^specify ids, or one or more of --session, --tag, --status and --query$/);
    assert.match(await of('pause', 'x', '--session', 'a'), /^specify ids, or one or more of/);
    assert.match(
      await of('resume', '--status', 'failed'),
      /^resume does nothing to jobs that are failed\. Use paused\.$/,
    );
    assert.match(await of('kill', '--all', '--tag', 'x'), /^specify ids, --all, or one or more of/);
  });

  it('are waited for: all, or the first', async () => {
    const slow = await start('wait', 'slow', '--', 'sleep', '600');
    const quick = await start('wait', 'quick', '--', 'sh', '-c', 'sleep 0.2; echo done; exit 4');
    const first = await home.json<WaitResult>(['wait', 'slow', 'quick', '--any']);
    assert.equal(first.job.id, quick.id);
    assert.equal((await home.json<Job>(['status', slow.id])).status, 'running');
    const told = await home.bgjobs(['wait', 'slow', 'quick', '--any', '--exit-code']);
    assert.equal(told.code, 4);
    assert.match(told.stdout, /failed \(exit code 4\)[^]*done/);
    const both = await home.bgjobs(['wait', 'slow', 'quick', '--all', '--timeout', '0.2s']);
    assert.equal(both.code, 124);
    assert.equal((await home.bgjobs(['wait', 'slow', '--any', '--timeout', '0.1s'])).code, 124);
    assert.match((await home.error(2, ['wait', 'slow', '--any', '--all'])).message, /--any cannot be used with --all/);
    assert.equal((await home.error(3, ['wait', 'slow', 'nobody', '--any'])).code, 'job_not_found');
  });
});
