import assert from 'node:assert/strict';
import { LineScanner, lineText, plainLine } from '../../../../src/engine/output/lines.ts';
import { LogFiles } from '../../../../src/logs/logReader.ts';
import type { Piece } from '../../../../src/engine/output/pieces.ts';
import { OutputFixture } from '../../../helpers/engine/outputFixture.ts';

describe('LineScanner', () => {
  let fixture: OutputFixture;
  let files: LogFiles;
  beforeEach(() => {
    fixture = new OutputFixture();
    files = new LogFiles(fixture.logs);
  });
  afterEach(async () => {
    await files[Symbol.asyncDispose]();
    fixture.dispose();
  });

  it('does not join what is before and behind dropped output', async () => {
    const scanner = new LineScanner({ index: fixture.index, logs: fixture.logs, files }, 0);
    const piece = (offset: number, text: string, dropped: number): Piece => {
      const bytes = Buffer.from(text);
      const { length } = bytes;
      const part = { seq: offset + length, time: 0, stream: 'stdout', offset, length, dropped } as const;
      return { ...part, bytes, lead: Buffer.alloc(0), isLast: false };
    };
    assert.deepEqual([...(await scanner.feed(piece(0, 'one\ntw', 0)))].map(lineText), ['one\n']);
    assert.deepEqual(scanner.unfinished().map(plainLine), ['tw']);
    fixture.logs.dropped.stdout = 100;
    assert.deepEqual([...(await scanner.feed(piece(100, 'est\nnext\n', 94)))].map(lineText), ['est\n', 'next\n']);
  });
});
