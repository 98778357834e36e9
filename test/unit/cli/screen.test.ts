import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'mocha';
import { Screen } from '../../../src/cli/base/screen.ts';
import { xtermLines } from '../../helpers/terminal.ts';
import { until } from '../../helpers/until.ts';

const esc = '\u001B';
const size = { cols: 40, rows: 10 };

/** A terminal of this size, on which a line of another program stands. */
class Terminal extends Writable {
  readonly isTTY = true;
  readonly columns = size.cols;
  readonly rows = size.rows;
  written = 'above\n';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString();
    done();
  }

  async shows(...lines: string[]): Promise<void> {
    await until(`the terminal shows ${lines.join(', ')}`, async () => {
      const shown = await xtermLines(this.written, size);
      return JSON.stringify(shown) === JSON.stringify(['above', ...lines]) ? true : undefined;
    });
  }
}

describe('The output of a job on a terminal', () => {
  let terminal: Terminal;
  let screen: Screen;
  beforeEach(() => {
    terminal = new Terminal();
    screen = new Screen(terminal);
  });
  afterEach(() => screen.end());

  it('draws bars in place, below the lines before them', async () => {
    await screen.push('start\none 1%\ntwo 1%\n', 'stdout');
    await terminal.shows('start', 'one 1%', 'two 1%');
    await screen.push(`${esc}[2A\rone 2%\n\rtwo 2%\n`, 'stderr');
    await terminal.shows('start', 'one 2%', 'two 2%');
    await screen.push(`${esc}[2A\rone ok\n\rtwo ok\nend\n`, 'stderr');
    await screen.end();
    await terminal.shows('start', 'one ok', 'two ok', 'end');
  });

  it('shows a prompt, and what is written behind it', async () => {
    await screen.push('Name: ', 'stdout');
    await terminal.shows('Name:');
    await screen.push('ok\n', 'stdout');
    await terminal.shows('Name: ok');
  });

  it('is all of the output in the end, however long and wide it is', async () => {
    const lines = Array.from({ length: 30 }, (_, line) => `${line} ${'x'.repeat(line % 7 === 0 ? 60 : 5)}`);
    await screen.push(lines.join('\n'), 'stdout');
    await screen.push(`${esc}[29A\rfirst${esc}[29B\r`, 'stdout');
    await until('some of it is shown', () => terminal.written.includes('29 xxxxx') || undefined);
    await screen.end();
    const shown = ['above', `first${lines[0]!.slice(5)}`, ...lines.slice(1)];
    assert.equal((await xtermLines(terminal.written, size)).join(''), shown.join(''));
  });

  it('keeps colours and no other control codes', async () => {
    const codes = `${esc}[2J${esc}[3J${esc}[H${esc}]0;title\u0007${esc}[?1049h${esc}[?1049l${esc}c`;
    await screen.push(`${codes}${esc}[31mred${esc}[0m\n`, 'stdout');
    await screen.end();
    await terminal.shows('red');
    assert.ok(terminal.written.endsWith(`${esc}[31mred${esc}[0m\n`));
    for (const code of ['[2J', '[3J', '[H', ']0', '[?1049h', `${esc}c`]) assert.ok(!terminal.written.includes(code));
  });
});
