import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { chunk as chunkSchema } from '../../../../src/api/output.ts';
import { OutputFixture, textOf } from '../../../helpers/engine/outputFixture.ts';

describe('readOutput', () => {
  let fixture: OutputFixture;
  beforeEach(() => (fixture = new OutputFixture()));
  afterEach(() => fixture.dispose());

  it('returns chunks in the order in which they were seen, with their positions', async () => {
    fixture.write('stdout', 'one\n');
    fixture.write('stderr', 'oops\n');
    fixture.write('stdout', 'two\n');
    const { chunks, next, more, droppedBytes } = await fixture.read();
    assert.deepEqual(
      chunks.map(({ seq, stream, offset, length, text }) => [seq, stream, offset, length, text]),
      [
        [4, 'stdout', 0, 4, 'one\n'],
        [9, 'stderr', 0, 5, 'oops\n'],
        [13, 'stdout', 4, 4, 'two\n'],
      ],
    );
    assert.deepEqual([next, more, droppedBytes], [13, false, 0]);
    for (const each of chunks) chunkSchema.parse(each);
  });

  it('orders what one check finds in both streams by the time of the last write', async () => {
    fixture.write('stderr', 'first', false);
    fixture.write('stdout', 'second', false);
    const { atimeMs, mtimeMs } = statSync(fixture.path('stderr'));
    utimesSync(fixture.path('stdout'), atimeMs / 1000, mtimeMs / 1000 + 1);
    fixture.look();
    assert.deepEqual(
      (await fixture.read()).chunks.map(({ stream }) => stream),
      ['stderr', 'stdout'],
    );
  });

  it('shows a partial last line, and half a character only when nothing can follow', async () => {
    fixture.write('stdout', 'Password: ');
    assert.equal(textOf((await fixture.read({}, false)).chunks), 'Password: ');
    fixture.write('stdout', Buffer.from('€').subarray(0, 2));
    assert.equal(textOf((await fixture.read({}, false)).chunks), 'Password: ');
    assert.equal(textOf((await fixture.read({}, true)).chunks), 'Password: \ufffd');
  });

  it('continues within a row and within a character', async () => {
    fixture.write('stdout', 'a€b');
    const first = await fixture.read({ limit: 2 });
    assert.deepEqual([textOf(first.chunks), first.next, first.more], ['a', 2, true]);
    const second = await fixture.read({ since: 2 });
    assert.deepEqual([textOf(second.chunks), second.next, second.more], ['€b', 5, false]);
  });

  it('gives one stream alone and says that there is no more when the rest is the other one', async () => {
    fixture.write('stdout', 'out');
    fixture.write('stderr', 'err');
    const { chunks, next, more } = await fixture.read({ stream: 'stdout', limit: 3 });
    assert.deepEqual([textOf(chunks), next, more], ['out', 6, false]);
  });

  it('gives positions alone, without a limit, from logs that it does not open', async () => {
    fixture.write('stdout', 'x'.repeat(5000));
    rmSync(fixture.path('stdout'));
    const { chunks, next } = await fixture.read({ text: 'false', limit: 10 });
    assert.deepEqual(
      chunks.map(({ offset, length, text }) => [offset, length, text]),
      [[0, 5000, '']],
    );
    assert.equal(next, 5000);
    assert.equal((await fixture.read({ text: 'false', format: 'raw', limit: 10 })).next, 10);
  });

  it('gives a range of bytes in pages', async () => {
    fixture.write('stdout', '01234');
    fixture.write('stderr', 'abcde');
    fixture.write('stdout', '56789');
    const page = await fixture.read({ range: '3-6' });
    assert.deepEqual([textOf(page.chunks), page.next, page.more], ['3456', 12, false]);
    assert.equal(textOf((await fixture.read({ range: '7-' })).chunks), '789');
    assert.equal(textOf((await fixture.read({ range: '1-2', stream: 'stderr' })).chunks), 'bc');
    assert.equal(textOf((await fixture.readAll({ range: '3-6' }, [1])).chunks), '3456');
    assert.deepEqual((await fixture.read({ range: '10-20' })).chunks, []);
    await assert.rejects(fixture.read({ range: '6-3' }), { code: 'invalid_request' });
  });

  it('answers with what is there when logs are cut or removed by hand', async () => {
    fixture.write('stdout', 'lost\n');
    fixture.write('stderr', 'kept and cut\n');
    rmSync(fixture.path('stdout'));
    truncateSync(fixture.path('stderr'), 5);
    const { chunks, next } = await fixture.read();
    assert.deepEqual([textOf(chunks), next], ['kept ', 18]);
    assert.equal(textOf((await fixture.read({ tail: 5 })).chunks), 'kept ');
    assert.equal(textOf((await fixture.read({ grep: '.' })).chunks), 'kept ');
  });

  it('leaves out what was dropped, counts it, and counts in a range too', async () => {
    fixture.write('stdout', 'a'.repeat(5000));
    fixture.write('stderr', 'err');
    fixture.write('stdout', 'b'.repeat(5000));
    fixture.logs.dropped.stdout = 8192;
    const { chunks, next, droppedBytes } = await fixture.read();
    assert.deepEqual(
      chunks.map(({ seq, stream, offset, length }) => [seq, stream, offset, length]),
      [
        [5003, 'stderr', 0, 3],
        [10_003, 'stdout', 8192, 1808],
      ],
    );
    assert.deepEqual([next, droppedBytes], [10_003, 8192]);
    assert.equal((await fixture.readAll({}, [1000])).droppedBytes, 8192);
    assert.equal((await fixture.read({ range: '8000-8999', text: 'false' })).droppedBytes, 192);
    assert.equal((await fixture.read({ stream: 'stderr' })).droppedBytes, 0);
    assert.equal((await fixture.read({ since: 6003 })).droppedBytes, 2192);
    assert.equal((await fixture.read({ tail: 1 })).droppedBytes, 8192);
  });

  it('holds no more chunks in one answer than people can use, and continues', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => ({
      seq: i + 1,
      time: 0,
      stream: 'stdout' as const,
      offset: i,
      length: 1,
    }));
    fixture.write('stdout', 'x'.repeat(40_000), false);
    fixture.database.exec('BEGIN');
    fixture.index.append(1, rows);
    fixture.database.exec('COMMIT');
    const first = await fixture.read();
    assert.ok(first.more && first.chunks.length < 20_000);
    assert.equal(textOf((await fixture.readAll({}, [1_048_576])).chunks).length, 40_000);
    const tail = await fixture.read({ tail: 1 });
    assert.deepEqual([tail.next, tail.more], [40_000, false]);
  });

  it('reads logs that no index row tells of as empty', async () => {
    fixture.write('stdout', 'not seen yet', false);
    assert.deepEqual(await fixture.read(), { chunks: [], next: 0, droppedBytes: 0, more: false });
    assert.deepEqual(await fixture.read({ tail: 3 }), { chunks: [], next: 0, droppedBytes: 0, more: false });
    assert.equal(readFileSync(fixture.path('stdout'), 'utf8'), 'not seen yet');
  });
});
