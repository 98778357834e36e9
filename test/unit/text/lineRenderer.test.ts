import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { LineRenderer } from '../../../src/text/lineRenderer.ts';
import { shownRow } from '../../../src/text/rows.ts';
import { shownText } from '../../../src/text/shownOutput.ts';
import { textLines, xtermLines } from '../../helpers/terminal.ts';
import { cpuTime } from '../../helpers/cpuTime.ts';

const esc = '\u001B';

describe('What a terminal shows of a text', () => {
  const shown: Record<string, [text: string, shown: string]> = {
    'is the last state of a bar': ['\r 0%\r 50%\r100%\n', '100%\n'],
    'keeps what a shorter state leaves of a longer one': ['abcdef\rxy', 'xycdef'],
    'is a line with CR LF as it is': ['a \r\nb\r\n', 'a \nb\n'],
    'does not have what backspaces take back': ['  0/16\b\b\b\b\b\bdone  \n', 'done\n'],
    'is one line for each of several bars': [`a 0%\nb 0%\r${esc}[Aa 9%\n${esc}[Kb 8%\n`, 'a 9%\nb 8%\n'],
    'does not have an erased line': [`one\ntwo${esc}[2K\rthree`, 'one\nthree'],
    'does not have what was erased from the screen': [`old\nold\n${esc}[2J${esc}[3J${esc}[Hnew\n`, 'new\n'],
    'keeps tabs and spaces at the end of a line': ['a\tb \nc', 'a\tb \nc'],
    'fills what the cursor passes': [`a${esc}[3Cb${esc}[10Gc`, 'a   b    c'],
    'has wide characters in two columns': ['日本語\r....\n', '....語\n'],
    'has a wide character that is cut in half as a space': ['日本\rx\n', 'x 本\n'],
    'has no characters that are not shown': ['bell\u0007 nul\u0000 del\u007F\n', 'bell nul del\n'],
  };
  for (const [title, [text, expected]] of Object.entries(shown)) {
    it(title, () => assert.equal(shownText(text), expected));
  }

  const removed = [
    `${esc}[1;31m`,
    `${esc}[38:2::1:2:3m`,
    `${esc}[?25l`,
    `${esc}[>1u`,
    `${esc}[4 q`,
    '\u009B31m',
    `${esc}]0;a b c\u0007`,
    `${esc}]8;;http://x.test${esc}\\`,
    `${esc}Pq#0${esc}\\`,
    `${esc}_Gx${esc}\\`,
    `${esc}^x${esc}\\`,
    `${esc}ktitle${esc}\\`,
    `${esc}(B`,
    `${esc}%G`,
    `${esc}#8`,
    `${esc}7`,
    `${esc}=`,
  ];
  for (const sequence of removed) {
    it(`does not have ${JSON.stringify(sequence)}, wherever it is cut`, () => {
      const text = `a${sequence}b`;
      for (let cut = 1; cut < text.length; cut++) {
        const renderer = new LineRenderer();
        renderer.push(text.slice(0, cut));
        assert.match(renderer.text(), /^a?b?$/);
        renderer.push(text.slice(cut));
        assert.equal(renderer.text(), 'ab');
      }
    });
  }

  it('continues a sequence in the stream that began it', () => {
    const renderer = new LineRenderer();
    renderer.push(`a${esc}[3`, 0, 'stdout');
    renderer.push(`${esc}[31merr\n`, 0, 'stderr');
    renderer.push('2mb', 0, 'stdout');
    assert.equal(renderer.text(), 'aerr\nb');
  });

  it('has a sequence that never ends as text, so that nothing is held back forever', () => {
    const text = 'x'.repeat(20_000);
    assert.equal(shownText(`${esc}]${text}`), `]${text}`);
  });

  it('is in colour where colours are kept, each part with its own', () => {
    const renderer = new LineRenderer({ colours: true });
    renderer.push(`${esc}[31mred${esc}[0m and ${esc}[1;32mgreen\r${esc}[0mRE\nplain ${esc}[?25l${esc}[2K`);
    assert.equal(renderer.text(), `RE${esc}[31md${esc}[0m and ${esc}[1;32mgreen${esc}[0m\n`);
  });

  const words = fc.oneof(fc.constantFrom('a', 'bc ', 'def', '0123456789', 'é█━', '  '), fc.string({ maxLength: 5 }));
  const moves = fc
    .tuple(fc.constantFrom(...'ABCDEFGK'), fc.integer({ min: 0, max: 4 }), fc.boolean())
    .map(([action, count, hasCount]) => `${esc}[${hasCount ? count : ''}${action}`)
    .filter((sequence) => !/\[[34]K/.test(sequence));
  const erases = fc.constantFrom(
    `${esc}[J`,
    `${esc}[1J`,
    `${esc}[2J`,
    `${esc}[H`,
    `${esc}[2;3H`,
    `${esc}[31m`,
    `${esc}[1;4r`,
    `${esc}[2;4r`,
  );
  const controls = fc.constantFrom('\n', '\n', '\r', '\r', '\r\n', '\b', '\t');
  const output = fc.array(fc.oneof(words, words, controls, moves, erases), { maxLength: 80 });

  it('is what xterm.js shows, wherever the text is cut', async () => {
    await fc.assert(
      fc.asyncProperty(output, fc.array(fc.nat(200), { maxLength: 6 }), async (parts, cuts) => {
        const text = parts.join('');
        const renderer = new LineRenderer();
        const at = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
        for (const [index, end] of at.slice(1).entries()) renderer.push(text.slice(at[index], end));
        assert.deepEqual(textLines(renderer.text()), await xtermLines(text));
      }),
      { numRuns: 100 },
    );
  });

  const flood = fc
    .tuple(
      fc.integer({ min: 45, max: 400 }),
      fc.constantFrom('\n', '\n', '\r\n', '\t\n', '\r'),
      fc.constantFrom('', 'x'),
    )
    .map(
      ([count, end, tail]) => Array.from({ length: count }, (_, n) => `${'-'.repeat(90)}${n}${end}`).join('') + tail,
    );

  it('is what xterm.js shows of a flood before and behind what is drawn', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(words, controls, moves, erases, flood), { maxLength: 20 }), async (parts) => {
        const text = parts.join('');
        assert.deepEqual(textLines(shownText(`${text}\u0000`)), await xtermLines(text, { cols: 1000, rows: 50 }));
      }),
      { numRuns: 60 },
    );
  });

  it('is the same of a flood, however many lines come at once', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(words, controls, moves, erases, flood), { maxLength: 20 }), (parts) => {
        const [whole, byLine] = [new LineRenderer(), new LineRenderer()];
        for (const part of parts) {
          whole.push(part);
          for (const line of part.split(/(?<=\n)/)) byLine.push(line);
        }
        assert.equal(whole.text(), byLine.text());
      }),
    );
  });

  it('is what xterm.js shows of a frame that is higher than the screen', async () => {
    const rows = Array.from({ length: 60 }, (_, row) => `row ${row}`);
    const text = `${rows.join('\n')}${esc}[59A\r${rows.map((row) => `${row}!`).join('\n')}\n`;
    assert.deepEqual(textLines(shownText(text)), await xtermLines(text));
  });

  it('keeps a bar in place below the lines that scroll, and in a part of the screen that scrolls alone', async () => {
    const lines = (name: string) => Array.from({ length: 60 }, (_, row) => `${name} ${row}\n`).join('');
    const bar = (state: string) => `${esc}7${esc}[50;1H${esc}[K${state}${esc}[49;1H`;
    const text = `${esc}[1;49r${esc}[49;1H${bar('50%')}${lines('a')}${bar('100%')}${lines('b')}`;
    assert.deepEqual(textLines(shownText(text)), await xtermLines(text));
    assert.match(shownText(text), /^\s*a 0\n[^]*a 59\nb 0\n[^]*b 59\n+100%$/);
    const part = `${lines('a')}${esc}[10;20r${esc}[20;1H${lines('b')}${esc}[r${esc}[50;1H\n${lines('c')}`;
    assert.deepEqual(textLines(shownText(part)), await xtermLines(part));
  });

  it('is the alternate screen below the text while a program draws on it, and the text alone again afterwards', async () => {
    const text = `before\nhal${esc}[?1049h${esc}[H${esc}[2Jframe 1${esc}[?25l${esc}[Hframe 2\nrow${esc}[?1049`;
    const renderer = new LineRenderer();
    renderer.push(text);
    assert.equal(renderer.text(), 'before\nhal\nframe 2\nrow');
    assert.equal(renderer.state(), 'row');
    renderer.push('lf\nafter\n');
    assert.equal(renderer.text(), 'before\nhalf\nafter\n');
    assert.deepEqual(textLines(renderer.text()), await xtermLines(`${text}lf\nafter\n`));
  });

  it('has all of a line that is longer than a row, in which nothing is drawn over', () => {
    const long = `${'x'.repeat(70_000)}y`;
    assert.equal(shownText(`\u0007${long}\nend`), `${long}\nend`);
    assert.equal(shownText(`${long}\rspin |\rspin /`), `${long}\nspin /`);
  });

  const linear: Record<string, string> = {
    'sequences that never end': `${esc}]`,
    'parameters without an end': `${esc}[;`,
    'a long line that is drawn over': '\rx',
    'a cursor that is moved in a long line': `${esc}[1C`,
    'a long line that is erased': `${esc}[2Kx`,
  };
  for (const [title, part] of Object.entries(linear)) {
    it(`takes linear time for ${title}`, () => {
      const text = `${'x'.repeat(60_000)}${part.repeat(65_536)}`;
      assert.ok(cpuTime(() => shownText(text)) < 1500);
    });
  }

  it('takes no time for each line of a flood', () => {
    const text = 'y\n'.repeat(32_768);
    const render = (times: number): void => {
      const renderer = new LineRenderer({ onLeave: () => undefined, onPass: () => undefined });
      for (let time = 0; time < times; time++) renderer.push(text);
    };
    render(5);
    const ms = cpuTime(() => render(100));
    assert.ok(ms < 400, `${ms} ms for 3 million lines`);
  });
});

describe('The states of a line', () => {
  function statesOf(...pieces: string[]): { states: string[]; last: string | undefined } {
    const states: string[] = [];
    const renderer = new LineRenderer({ onState: (row) => states.push(shownRow(row)) });
    for (const piece of pieces) renderer.push(piece);
    return { states, last: renderer.state() };
  }

  it('are told when the line ends and before it is drawn over', () => {
    assert.deepEqual(statesOf('\r 1%\r 5', '0%\r100%', '\nplain\r\nPassword: '), {
      states: [' 1%', ' 50%', '100%', 'plain'],
      last: 'Password: ',
    });
  });

  it('are whole where only a part is drawn over', () => {
    const { states } = statesOf('Writing:  0/16\b\b\b\b\b 1/16\b\b\b\b\bdone \n');
    assert.deepEqual(states, ['Writing:  0/16', 'Writing:  1/16', 'Writing: done']);
  });

  it('are not told for movements that draw nothing over', () => {
    assert.deepEqual(statesOf(`${esc}[31mred${esc}[0m${esc}[K${esc}[2Cmore\n`).states, ['red  more']);
  });
});
