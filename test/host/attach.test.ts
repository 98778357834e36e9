import assert from 'node:assert/strict';
import type { HostInfo } from '../../src/api/host.ts';
import { useHome } from '../helpers/cli.ts';
import { xtermScreen } from '../helpers/terminal.ts';
import { inTerminal } from '../helpers/terminalClient.ts';
import { until } from '../helpers/until.ts';

const [detach, interrupt] = ['\u0010\u0011', '\u0003'];

describe('bgjobs attach', () => {
  const home = useHome();
  const echo = 'stty -echo; echo ready; while read line; do echo "<$line> $(stty size)"; done';
  const terminalJob = async (script: string): Promise<string> => (await home.run(['--tty', '--shell', script])).id;

  it('shows the recent output, sends keys and the size, detaches, and comes back to the same job', async () => {
    const id = await terminalJob(echo);
    const first = await inTerminal(home.path, ['attach', id]);
    await first.sees('ready');
    first.type('hällo\r');
    await first.sees('<hällo> 30 100');
    first.resize(70, 20);
    await until('the job has the new size', async () => {
      first.type('size\r');
      await first.sees('<size>');
      return first.screen().includes('<size> 20 70') ? true : undefined;
    });
    // Ctrl+P alone is a key like any other.
    first.type('\u0010x\r');
    await first.sees('<\u0010x>');
    first.type(detach);
    assert.equal(await first.code, 0);
    assert.match(first.screen(), /detached from .*; the job continues/);

    const second = await inTerminal(home.path, ['attach', id]);
    await second.sees('<hällo> 30 100');
    second.type('again\r');
    await second.sees('<again> 30 100');
    second.type('\u0004');
    assert.equal(await second.code, 0);
    assert.match(second.screen(), /ready\r\n<hällo> 30 100\r\n[^]*completed after/);
  });

  it('gives Ctrl+C to the job, and takes over its exit code', async () => {
    const id = await terminalJob("trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.05; done");
    const client = await inTerminal(home.path, ['attach', id]);
    await client.sees('ready');
    client.type(interrupt);
    assert.equal(await client.code, 7);
    assert.match(client.screen(), /caught/);
  });

  it('goes on when the host is killed: the next one has the terminal', async () => {
    const id = await terminalJob(echo);
    const client = await inTerminal(home.path, ['attach', id]);
    await client.sees('ready');
    const { pid } = await home.json<HostInfo>(['host', 'status']);
    process.kill(pid, 'SIGKILL');
    await until('it answers again', async () => {
      client.type('still\r');
      await client.sees('still').catch(() => undefined);
      return client.screen().includes('<still>') ? true : undefined;
    });
    const next = await home.json<HostInfo>(['host', 'status']);
    assert.notEqual(next.pid, pid);
    client.type('\u0004');
    assert.equal(await client.code, 0);
    assert.equal((await home.ended(id)).exitCode, 0);
  });

  it('does not ask the terminal again what the job asked before', async () => {
    const id = await terminalJob(
      String.raw`stty raw -echo; printf 'ready\033[6n\033[c\033[31mred'; head -c 3; sleep 60`,
    );
    await until('it has asked', async () =>
      (await home.bgjobs(['output', id, '--raw'])).stdout.includes('red') ? true : undefined,
    );
    const client = await inTerminal(home.path, ['attach', id]);
    await client.sees('\u001B[31mred');
    assert.ok(!client.screen().includes('\u001B[6n') && !client.screen().includes('\u001B[c'));
    client.type(detach);
    assert.equal(await client.code, 0);
  });

  it('shows a newcomer the screen that a program has drawn, and leaves a usual one', async () => {
    const size = { cols: 100, rows: 30 };
    const draw = String.raw`printf '\033[2J\033[5;10H%s\033[31m red\033[0m' "$count"`;
    // More than is shown of the output before.
    const fill = String.raw`printf '\033[?1049h\033[?25l\033[?1000h'; head -c 300000 /dev/zero | tr '\0' ' '`;
    const keys = `while IFS= read -r key; do count="$count$key"; ${draw}; done`;
    const script = `stty -echo; trap '${draw.replaceAll("'", String.raw`'\''`)}' WINCH; ${fill}; ${draw}; ${keys}`;
    // Other shells end a read when they are told a size.
    const { id } = await home.run(['--tty', '--', 'bash', '-c', script]);
    const drawn = (screen: string) => xtermScreen(screen, size);
    const one = await inTerminal(home.path, ['attach', id]);
    one.type('abc\r');
    await one.sees('abc');
    const other = await inTerminal(home.path, ['attach', id]);
    const seen = await until('both see the same', async () => {
      const [first, second] = [await drawn(one.screen()), await drawn(other.screen())];
      return second.lines[4]?.includes('abc') && second.lines[4] === first.lines[4] ? second : undefined;
    });
    assert.deepEqual(seen.lines, ['', '', '', '', '         abc red']);
    for (const client of [one, other]) client.type(detach);
    assert.deepEqual([await one.code, await other.code], [0, 0]);
    for (const client of [one, other]) {
      const shown = client.screen();
      assert.equal((await drawn(shown)).isAlternate, false);
      assert.ok(shown.lastIndexOf('\u001B[?25h') > shown.lastIndexOf('\u001B[?25l'));
    }
  });

  it('follows a job without a terminal, and gives it lines', async () => {
    const { id } = await home.run(['--stdin', 'pipe', '--shell', 'echo ready; read line; echo "<$line>"; exit 3']);
    const client = await inTerminal(home.path, ['attach', id]);
    await client.sees('ready');
    client.type('a line\r');
    assert.equal(await client.code, 3);
    assert.match(client.screen(), /<a line>/);
  });

  it('only shows the output where there is no terminal, and leaves the input of the job open', async () => {
    const id = await terminalJob('echo ready; sleep 0.3; echo over; exit 4');
    const { code, stdout } = await home.bgjobs(['attach', id]);
    assert.deepEqual([code, stdout], [4, 'ready\nover\n']);
    const ended = await inTerminal(home.path, ['attach', id]);
    assert.equal(await ended.code, 4);
    assert.match(ended.screen(), /ready\r\nover/);
  });

  it('is what run --tty --wait does in a terminal, whose size the job has from its start', async () => {
    const client = await inTerminal(home.path, ['run', '--tty', '--wait', '--shell', 'stty size; read line; exit 5']);
    await client.sees('30 100');
    client.type('\r');
    assert.equal(await client.code, 5);
  });
});
