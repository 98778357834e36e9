import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { singleQuoted } from '../../src/text/quoting.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs top', () => {
  const home = useHome();

  it('shows what runs, its log, stops it, and gives the terminal back', async () => {
    const job = await home.run(['--name', 'burner', '--shell', 'echo hello from the log; while :; do :; done']);
    await home.reaches(job.id, 'running');
    const words = [process.execPath, await bundledCli(), 'top', '--interval', '0.2s'].map(singleQuoted).join(' ');
    const command = `stty rows 12 cols 100; ${words}; echo "left with $?"; stty -a | grep -o -- '-\\?echo\\b'`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env['PATH'], HOME: home.path, TERM: 'xterm', BGJOBS_HOME: home.path },
    });
    let shown = '';
    child.stdout.on('data', (data: Buffer) => (shown += data.toString()));
    const shows = (pattern: RegExp): Promise<true> =>
      until(`${pattern} is shown`, () => (pattern.test(shown) ? true : undefined));
    await shows(/1 job runs, 0 waiting/);
    await shows(new RegExp(`> .*${job.shortId}.*running.*\\d\\.\\d%.*[KM]iB.*burner`));
    child.stdin.write('l');
    await shows(/hello from the log/);
    child.stdin.write('x');
    child.stdin.write('s');
    await shows(new RegExp(`${job.shortId} stopped`));
    await home.reaches(job.id, 'killed');
    child.stdin.write('q');
    await once(child, 'close');
    assert.match(shown, /\u001B\[\?25h\u001B\[\?1049lleft with 0\r\necho\r\n$/);
  });

  it('refuses to run without a terminal', async () => {
    const { code, stderr } = await home.bgjobs(['top']);
    assert.equal(code, 2);
    assert.match(stderr, /bgjobs top needs a terminal\. Use bgjobs list and bgjobs inspect\./);
  });
});
