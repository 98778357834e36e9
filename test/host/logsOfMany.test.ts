import assert from 'node:assert/strict';
import { useHome } from '../helpers/cli.ts';

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

  it('refuses what is for one job alone', async () => {
    assert.match((await home.bgjobs(['logs', 'api', 'frontend', '--raw'])).stderr, /--raw requires exactly one id/);
    assert.equal((await home.bgjobs(['logs', 'api', 'nobody'])).code, 3);
  });
});
