import assert from 'node:assert/strict';
import { type ChunkRow, streamSizes } from '../../../src/store/chunkIndex.ts';
import { OutputFixture } from '../../helpers/engine/outputFixture.ts';

const rows: ChunkRow[] = [
  { seq: 10, time: 1, stream: 'stdout', offset: 0, length: 10 },
  { seq: 15, time: 2, stream: 'stderr', offset: 0, length: 5 },
  { seq: 35, time: 3, stream: 'stdout', offset: 10, length: 20 },
];

describe('ChunkIndex', () => {
  let fixture: OutputFixture;
  beforeEach(() => {
    fixture = new OutputFixture();
    fixture.index.append(1, rows);
    fixture.index.append(2, [{ seq: 7, time: 9, stream: 'stderr', offset: 0, length: 7 }]);
  });
  afterEach(() => fixture.dispose());

  it('returns the rows of a run after a position, also after one within a row', () => {
    const { index } = fixture;
    assert.deepEqual(index.after(1, 0, 9), rows);
    assert.deepEqual(index.after(1, 12, 9), rows.slice(1));
    assert.deepEqual(index.after(1, 0, 1), rows.slice(0, 1));
    assert.deepEqual(index.after(1, 35, 9), []);
  });

  it('gives the rows before a position, the last first', () => {
    const { index } = fixture;
    assert.deepEqual(index.before(1, 35, 9), [rows[1], rows[0]]);
    assert.deepEqual(index.last(1), rows[2]);
    assert.equal(index.last(3), undefined);
  });

  it('finds the row that holds a byte of a stream', () => {
    const { index } = fixture;
    assert.deepEqual(index.covering(1, 'stdout', 9), rows[0]);
    assert.deepEqual(index.covering(1, 'stdout', 10), rows[2]);
    assert.deepEqual(index.covering(1, 'stderr', 0), rows[1]);
    assert.equal(index.covering(1, 'stderr', 5), undefined);
  });

  it('removes a run and no other', () => {
    fixture.index.remove(1);
    assert.deepEqual(fixture.index.after(1, 0, 9), []);
    assert.equal(fixture.index.after(2, 0, 9).length, 1);
  });

  it('reads the size of each stream from the last row alone', () => {
    assert.deepEqual(streamSizes(rows[2]), { stdout: 30, stderr: 5 });
    assert.deepEqual(streamSizes(rows[1]), { stdout: 10, stderr: 5 });
    assert.deepEqual(streamSizes(undefined), { stdout: 0, stderr: 0 });
  });
});
