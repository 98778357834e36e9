import assert from 'node:assert/strict';
import { OutputFixture, textOf } from '../../../helpers/engine/outputFixture.ts';

const limit = 65_536;

describe('readOutput with grep', () => {
  let fixture: OutputFixture;
  beforeEach(() => (fixture = new OutputFixture()));
  afterEach(() => fixture.dispose());

  it('returns one chunk for each matching line, with the position of the line', async () => {
    fixture.write('stdout', 'error 1\nfine\nerr');
    fixture.write('stderr', 'an error of its own\n');
    fixture.write('stdout', 'or 2\r\nfine\n');
    const { chunks, next } = await fixture.read({ grep: 'error( \\d)?$' });
    assert.deepEqual(
      chunks.map(({ seq, stream, offset, length, text }) => [seq, stream, offset, length, text]),
      [
        [8, 'stdout', 0, 8, 'error 1\n'],
        [42, 'stdout', 13, 9, 'error 2\r\n'],
      ],
    );
    assert.equal(next, 47);
  });

  it('continues after any line, also one that the other stream interrupts', async () => {
    fixture.write('stdout', 'first half, ');
    fixture.write('stderr', 'one\ntwo\n');
    fixture.write('stdout', 'second half\n');
    const pages = [];
    let page = await fixture.read({ grep: '.', limit: 1 });
    for (; ; page = await fixture.read({ grep: '.', limit: 1, since: page.next })) {
      pages.push(page.chunks.map(({ text }) => text));
      if (!page.more) break;
    }
    assert.deepEqual(pages, [['one\n'], ['two\n'], ['first half, second half\n']]);
  });

  it('shows a line without newline when the run has ended, and not before', async () => {
    fixture.write('stdout', 'prompt> ');
    fixture.write('stderr', 'later\n');
    assert.deepEqual((await fixture.read({ grep: 'prompt' }, false)).chunks, []);
    assert.equal(textOf((await fixture.read({ grep: 'prompt' })).chunks), 'prompt> ');
    assert.deepEqual((await fixture.read({ grep: 'prompt', since: 8 })).chunks, []);
  });

  it('matches what a person sees and keeps the colours', async () => {
    fixture.write('stdout', '\u001b[31merror\u001b[0m: \u001b]8;;http://x\u0007red\u001b]8;;\u0007\n');
    const { chunks } = await fixture.read({ grep: '^error: red$' });
    assert.match(textOf(chunks), /^\u001b\[31merror/);
  });

  it('is not slowed down by control sequences that never end', async () => {
    const line = `${'\u001b]'.repeat(limit / 2 - 1)}\n`;
    fixture.write('stdout', line.repeat(100));
    // Backtracking over the rest of the line from each sequence takes more than a second a line.
    const { chunks } = await fixture.read({ grep: '^$', limit: 16_777_216 });
    assert.equal(chunks.length, 100);
  });

  it('finds what is anywhere in a very long line, also when a page begins within it', async () => {
    const length = 2 * limit + 11;
    fixture.write('stdout', `begin ${'x'.repeat(2 * limit)} end\nshort end\n`);
    for (const grep of ['begin', 'x end$', 'begin|end']) {
      const { chunks } = await fixture.read({ grep });
      assert.deepEqual([chunks[0]?.offset, chunks[0]?.length], [0, length]);
      assert.ok(chunks[0]!.text.length <= limit + 1);
    }
    for (const since of [limit, 2 * limit, length - 1]) {
      assert.match(textOf((await fixture.read({ grep: 'end', since })).chunks), /^x+ end\nshort end\n$/);
    }
    assert.equal(textOf((await fixture.read({ grep: 'end', since: length })).chunks), 'short end\n');
  });

  it('shows of a line that was redrawn the last state that matches, however long the line is', async () => {
    const states = Array.from({ length: 20_000 }, (_, n) => `\r${n}/20000 |██████ [00:01<00:02]`).join('');
    fixture.write('stderr', `start\n${states}\ndone\n`);
    const shown = async (grep: string): Promise<string> => textOf((await fixture.read({ grep })).chunks);
    assert.equal(await shown('^123/20000'), '123/20000 |██████ [00:01<00:02]\n');
    assert.equal(await shown('19999/20000'), '19999/20000 |██████ [00:01<00:02]\n');
    assert.equal(await shown('/20000'), '19999/20000 |██████ [00:01<00:02]\n');
    assert.equal(await shown('123/20000.*124/20000'), '');
  });

  it('finds a state of a line that takes several searches, and each time in the part that was searched', async () => {
    const states = '\r 50% of something else'.repeat(300_000);
    const needle = (number: number): string => `\r\u001b[Kneedle ${number}`;
    fixture.write('stdout', `${needle(1)}${states}${needle(2)}${states}${states}${needle(3)}`);
    for (let i = 0; i < 4; i++) fixture.write('stdout', states);
    const { chunks, next } = await fixture.readAll({ grep: 'needle' }, [65_536]);
    assert.deepEqual(
      chunks.map(({ text }) => text),
      ['needle 2', 'needle 3'],
    );
    assert.equal(next, 7 * states.length + 3 * needle(1).length);
  });

  it('does not treat the newline after a line of exactly the maximum length as a line', async () => {
    fixture.write('stdout', `${'x'.repeat(limit)}\n${'y'.repeat(limit - 1)}\nz\n`);
    const { chunks } = await fixture.read({ grep: '.*' });
    assert.deepEqual(
      chunks.map(({ length }) => length),
      [limit + 1, limit, 2],
    );
  });

  it('looks through a bounded part of a long log and continues', async () => {
    const line = `${'.'.repeat(1023)}\n`;
    fixture.write('stdout', `${line.repeat(20_000)}needle\n`);
    const first = await fixture.read({ grep: 'needle' });
    assert.deepEqual([first.chunks, first.more], [[], true]);
    const second = await fixture.read({ grep: 'needle', since: first.next });
    assert.deepEqual([textOf(second.chunks), second.more], ['needle\n', false]);
  });

  it('greps in the last lines, in a range, and positions alone', async () => {
    fixture.write('stdout', 'a1\na2\nb\na3\n');
    assert.equal(textOf((await fixture.read({ grep: 'a', tail: 3 })).chunks), 'a2\na3\n');
    assert.equal(textOf((await fixture.read({ grep: 'a', range: '1-6' })).chunks), 'a2\n');
    const { chunks } = await fixture.read({ grep: '2', text: 'false' });
    assert.deepEqual(
      chunks.map(({ offset, length, text }) => [offset, length, text]),
      [[3, 3, '']],
    );
  });

  it('begins again after dropped output', async () => {
    fixture.write('stdout', `${'a'.repeat(5000)}\n`);
    fixture.write('stdout', `${'a'.repeat(5000)}\nlast\n`);
    fixture.logs.dropped.stdout = 4096;
    const { chunks, droppedBytes } = await fixture.read({ grep: '.' });
    assert.deepEqual(
      chunks.map(({ offset, length }) => [offset, length]),
      [
        [4096, 905],
        [5001, 5001],
        [10_002, 5],
      ],
    );
    assert.equal(droppedBytes, 4096);
  });

  it('counts what was dropped once, whatever the pages', async () => {
    fixture.write('stderr', 'first\n');
    fixture.write('stdout', `${'a'.repeat(5000)}\nlast\n`);
    fixture.logs.dropped.stdout = 4096;
    const { chunks, droppedBytes } = await fixture.readAll({ grep: '.' }, [1]);
    assert.deepEqual([chunks.length, droppedBytes], [3, 4096]);
  });

  it('says where a pattern is invalid', async () => {
    await assert.rejects(fixture.read({ grep: 'fine(?=x)' }), {
      code: 'invalid_request',
      message: 'Invalid pattern: invalid or unsupported Perl syntax at position 4: (?=',
      details: { pattern: 'fine(?=x)', position: 4, part: '(?=' },
    });
  });
});
