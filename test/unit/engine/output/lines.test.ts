import assert from 'node:assert/strict';
import { LineScanner, type Line } from '../../../../src/engine/output/lineScanner.ts';
import type { Piece } from '../../../../src/engine/output/pieces.ts';
import { LogFiles } from '../../../../src/logs/logReader.ts';
import { OutputFixture } from '../../../helpers/engine/outputFixture.ts';

describe('LineScanner', () => {
  let fixture: OutputFixture;
  let files: LogFiles;
  let scanner: LineScanner;
  beforeEach(() => {
    fixture = new OutputFixture();
    files = new LogFiles(fixture.logs);
    scanner = new LineScanner({ index: fixture.index, logs: fixture.logs, files }, 0, { matches: () => true });
  });
  afterEach(async () => {
    await files[Symbol.asyncDispose]();
    fixture.dispose();
  });

  async function feed(offset: number, text: string, dropped = 0): Promise<Line[]> {
    const bytes = Buffer.from(text);
    const { length } = bytes;
    const part = { seq: offset + length, time: 0, stream: 'stdout', offset, length, dropped } as const;
    const piece: Piece = { ...part, bytes, lead: Buffer.alloc(0), isLast: false };
    return [...(await scanner.feed(piece))];
  }

  it('does not join the parts before and after dropped output', async () => {
    assert.deepEqual(
      (await feed(0, 'one\ntw')).map(({ text }) => text),
      ['one\n'],
    );
    assert.equal(scanner.unfinished(), 'tw');
    fixture.logs.dropped.stdout = 100;
    assert.deepEqual(
      (await feed(100, 'est\nnext\n', 94)).map(({ text }) => text),
      ['est\n', 'next\n'],
    );
  });
});
