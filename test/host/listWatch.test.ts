import assert from 'node:assert/strict';
import { useHome } from '../helpers/cli.ts';
import { xtermScreen } from '../helpers/terminal.ts';
import { inTerminal } from '../helpers/terminalClient.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs list --watch', () => {
  const home = useHome();

  it('shows the jobs as they change, as many as there is room for, and gives the terminal back', async () => {
    const first = await home.run(['--name', 'first', '--shell', 'read line', '--stdin', 'pipe']);
    await home.reaches(first.id, 'running');
    const client = await inTerminal(home.path, ['list', '--watch', '--interval', '0.1s', 'name~s']);
    const shows = (pattern: RegExp, rows = 30): Promise<true> =>
      until(`${pattern} is shown`, async () => {
        const { lines } = await xtermScreen(client.screen(), { cols: 100, rows });
        return pattern.test(lines.join('\n')) ? true : undefined;
      });
    await shows(/^ID .*JOB\n\S+ +running .* first\n\nq leave/);
    await home.json(['input', first.id, '--eof']);
    await shows(/\n\S+ +failed .* first\n/);
    await home.run(['--name', 'second', '--hold', '--', 'true']);
    await home.run(['--name', 'other', '--hold', '--', 'true']);
    await shows(/\n\S+ +held .* second\n\S+ +failed .* first\n\nq leave/);
    client.resize(100, 4);
    await shows(/^ID .*\n.* second\n\n1 older job is not shown {2}q leave$/, 4);
    client.type('q');
    assert.equal(await client.code, 0);
    assert.ok(client.screen().endsWith('\u001B[?25h\u001B[?1049l'));
  });

  it('refuses what it cannot do, and says what does', async () => {
    const refused = await home.bgjobs(['list', '--watch']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /bgjobs list --watch needs a terminal\. Use bgjobs events\./);
    assert.match((await home.error(2, ['list', '--watch'])).message, /--json cannot be used with --watch/);
    assert.match((await home.error(2, ['list', '--interval', '1s'])).message, /--interval requires --watch/);
  });
});
