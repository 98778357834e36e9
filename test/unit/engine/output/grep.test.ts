import assert from 'node:assert/strict';
import { OutputFixture, textOf } from '../../../helpers/engine/outputFixture.ts';

const limit = 65_536;

describe('readOutput with grep', () => {
  let fixture: OutputFixture;
  beforeEach(() => (fixture = new OutputFixture()));
  afterEach(() => fixture.dispose());

  it('gives one chunk for each matching line, with the place of the line', async () => {
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

  it('continues behind any line, also one that the other stream interrupts', async () => {
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
    const { chunks } = await fixture.read({ grep: '.', limit: 16_777_216 });
    assert.equal(chunks.length, 100);
  });

  it('takes the first bytes of a line that is too long, also when a page ends within it', async () => {
    fixture.write('stdout', `begin ${'x'.repeat(limit)} end\nshort end\n`);
    const all = await fixture.read({ grep: 'begin|end' });
    assert.deepEqual(
      all.chunks.map(({ offset, length }) => [offset, length]),
      [
        [0, limit],
        [limit + 11, 10],
      ],
    );
    for (const since of [limit, limit + 5]) {
      assert.equal(textOf((await fixture.read({ grep: 'begin|end', since })).chunks), 'short end\n');
    }
    assert.equal((await fixture.read({ grep: 'begin|end', since: limit - 1 })).chunks.length, 2);
  });

  it('does not take the newline behind a line of exactly the longest length for a line', async () => {
    fixture.write('stdout', `${'x'.repeat(limit)}\n${'y'.repeat(limit - 1)}\nz\n`);
    const { chunks } = await fixture.read({ grep: '.*' });
    assert.deepEqual(
      chunks.map(({ length }) => length),
      [limit, limit, 2],
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

  it('begins anew behind what was dropped', async () => {
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

  it('says where a pattern is wrong', async () => {
    await assert.rejects(fixture.read({ grep: 'fine(?=x)' }), {
      code: 'invalid_request',
      message: 'Invalid pattern: invalid or unsupported Perl syntax at position 4: (?=',
      details: { pattern: 'fine(?=x)', position: 4, part: '(?=' },
    });
  });
});
