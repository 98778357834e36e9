import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { everything, type Piece } from '../../../../src/engine/output/pieces.ts';
import { readPieces } from '../../../../src/engine/output/readOutput.ts';
import type { Stream } from '../../../../src/api/output.ts';
import { LogFiles } from '../../../../src/logs/logReader.ts';
import { OutputFixture } from '../../../helpers/engine/outputFixture.ts';

/** Logs whose beginning is dropped while they are read: said before, done before the bytes arrive. */
class CutWhileRead extends LogFiles {
  readonly #fixture: OutputFixture;
  #reads = 0;

  constructor(fixture: OutputFixture) {
    super(fixture.logs);
    this.#fixture = fixture;
  }

  override read(stream: Stream, from: number, to: number): Promise<Buffer> {
    if (++this.#reads === 2) {
      this.#fixture.logs.dropped.stdout = 8192;
      writeFileSync(this.#fixture.path('stdout'), Buffer.concat([Buffer.alloc(8192), Buffer.alloc(1808, 'x')]));
    }
    return super.read(stream, from, to);
  }
}

describe('readPieces', () => {
  let fixture: OutputFixture;
  let files: LogFiles;
  beforeEach(() => (fixture = new OutputFixture()));
  afterEach(async () => {
    await files[Symbol.asyncDispose]();
    fixture.dispose();
  });

  const all = async (maxBytes: number): Promise<Piece[]> => {
    const pieces: Piece[] = [];
    const source = { ...fixture.output(true), files };
    for await (const piece of readPieces(source, everything, () => maxBytes)) pieces.push(piece);
    return pieces;
  };

  it('cuts rows into pieces of bounded size, each with the bytes before it', async () => {
    files = new LogFiles(fixture.logs);
    fixture.write('stdout', 'abcdef');
    assert.deepEqual(
      (await all(4)).map(({ seq, offset, bytes, lead }) => [seq, offset, String(bytes), String(lead)]),
      [
        [4, 0, 'abcd', ''],
        [6, 4, 'ef', 'bcd'],
      ],
    );
  });

  it('never returns a hole as output: bytes that were dropped during the reading are left out', async () => {
    files = new CutWhileRead(fixture);
    fixture.write('stdout', Buffer.alloc(10_000, 'x'));
    const pieces = await all(4096);
    assert.ok(pieces.every(({ bytes }) => bytes.every((byte) => byte === 0x78)));
    assert.deepEqual(
      pieces.map(({ offset, length, dropped }) => [offset, length, dropped]),
      [
        [0, 4096, 0],
        [8192, 1808, 4096],
      ],
    );
  });
});
