import assert from 'node:assert/strict';
import type { JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs list with a query', () => {
  const home = useHome();
  const names = async (...query: string[]): Promise<(string | null)[]> =>
    (await home.json<JobList>(['list', ...query])).jobs.map(({ name }) => name);

  before(async () => {
    const run = (name: string, session: string, ...command: string[]): Promise<unknown> =>
      home.run(['--name', name, '--session', session, '--tag', `of=${session}`, '--wait', '--', ...command]);
    await run('slow web', 'api', 'sleep', '0.4');
    await run('Quick', 'api', 'true');
    await home.bgjobs(['run', '--name', 'bad', '--session', 'ui', '--wait', '--', 'sh', '-c', 'sleep 0.2; exit 3']);
    await home.run(['--name', 'waits', '--session', 'ui', '--hold', '--', 'echo', 'never']);
  });

  it('finds by its fields', async () => {
    assert.deepEqual(await names('status=failed', 'since=1h'), ['bad']);
    assert.deepEqual(await names('session=api tag=of=api'), ['Quick', 'slow web']);
    assert.deepEqual(await names('name~WEB'), ['slow web']);
    assert.deepEqual(await names('name="slow web"'), ['slow web']);
    assert.deepEqual(await names('command~NEVER'), ['waits']);
    assert.deepEqual(await names('exit=3'), ['bad']);
    assert.deepEqual(await names('@failed', '--session', 'api'), []);
    assert.deepEqual(await names('session=api', '--session', 'ui'), []);
    assert.deepEqual(await names('before=1h'), []);
    assert.deepEqual(await names('@waiting', 'never'), ['waits']);
  });

  it('sorts, page by page', async () => {
    assert.deepEqual(await names('sort=-duration'), ['slow web', 'bad', 'Quick', 'waits']);
    assert.deepEqual(await names('sort=name'), ['bad', 'Quick', 'slow web', 'waits']);
    assert.deepEqual(await names('sort=-exit', 'status=finished'), ['bad', 'Quick', 'slow web']);
    const first = await home.json<JobList>(['list', 'sort=-duration', '--limit', '2']);
    assert.equal(first.total, 4);
    assert.deepEqual(
      first.jobs.map(({ name }) => name),
      ['slow web', 'bad'],
    );
    assert.ok(first.cursor);
  });

  it('says what it does not understand', async () => {
    const { code, message } = await home.error(2, ['list', 'sesion=api']);
    assert.equal(code, 'invalid_request');
    assert.match(message, /^q: Unknown field "sesion"\. Use status, session/);
  });
});
