import assert from 'node:assert/strict';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs logs of several jobs', () => {
  const home = useHome();

  it('puts the name of its job before each whole line, while they run', async () => {
    const start = (name: string, line: string): Promise<unknown> => home.run(['--name', name, '--shell', line]);
    await start('api', 'printf "one"; sleep 0.3; echo " line"; echo bad >&2; printf "no end"');
    await start('frontend', 'sleep 0.1; echo "two"; sleep 0.4; echo "three"');
    const { code, stdout, stderr } = await home.bgjobs(['logs', 'api', 'frontend', '--follow']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.split('\n').sort(), [
      '',
      'api      | no end',
      'api      | one line',
      'frontend | three',
      'frontend | two',
    ]);
    assert.equal(stderr, 'api      | bad\n');
    const tail = await home.bgjobs(['logs', 'api', 'frontend', '--tail', '1', '--stream', 'stdout']);
    assert.equal(tail.stdout, 'api      | no end\nfrontend | three\n');
  });

  it('takes the jobs of a session, in the order of their creation, those that match, and those that still wait', async () => {
    const inGroup = (name: string, line: string, ...more: string[]) =>
      home.run(['--session', 'group', '--tag', 'kind=test', '--name', name, ...more, '--shell', line]);
    const server = await inGroup('server', 'echo up; read line; echo down', '--stdin', 'pipe');
    await home.ended((await inGroup('broken', 'echo oops; exit 1')).id);
    const waiting = await inGroup('waiting', 'echo came later', '--hold');
    const logs = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await home.bgjobs(['logs', ...args]);
      assert.equal(code, 0, stderr);
      return stdout + stderr;
    };
    await until('the server has printed', async () => (await logs(server.id)) === 'up\n' || undefined);
    assert.equal(await logs('--session', 'group'), 'server  | up\nbroken  | oops\n');
    assert.equal(await logs('--tag', 'kind=test', '--status', 'failed'), 'broken | oops\n');
    assert.equal(await logs('--query', 'session=group sort=-created'), 'broken  | oops\nserver  | up\n');
    assert.match(await logs('--session', 'nowhere'), /no jobs to show the output of/);
    const following = await home.start(['logs', '--session', 'group', '--status', 'running,waiting', '--follow']);
    await until('the server is followed', () => following.stdout() === 'server  | up\n' || undefined);
    await home.json(['release', waiting.id]);
    await home.json(['input', server.id, '--eof']);
    const { code, stdout } = await following.ended;
    assert.equal(code, 0);
    assert.deepEqual(stdout.split('\n').sort(), ['', 'server  | down', 'server  | up', 'waiting | came later']);
  });

  it('names an array among them, whose tasks have a verb of their own', async () => {
    const array = await home.run(['--session', 'arrays', '--array', '1-2', '--shell', 'echo task']);
    await home.ended(array.id);
    const { code, stdout, stderr } = await home.bgjobs(['logs', '--session', 'arrays']);
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, new RegExp(`${array.shortId} is an array.*bgjobs output ${array.shortId}`));
  });

  it('refuses neither ids nor a selection, and both', async () => {
    for (const args of [[], ['api', '--session', 'group']]) {
      const { code, stderr } = await home.bgjobs(['logs', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, /specify ids, or one or more of --session, --tag, --status and --query/);
    }
    assert.match((await home.bgjobs(['logs', '--session', 'group', '--raw'])).stderr, /--raw requires exactly one id/);
  });

  it('refuses what is for one job alone', async () => {
    assert.match((await home.bgjobs(['logs', 'api', 'frontend', '--raw'])).stderr, /--raw requires exactly one id/);
    assert.equal((await home.bgjobs(['logs', 'api', 'nobody'])).code, 3);
  });
});
