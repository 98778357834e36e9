import assert from 'node:assert/strict';
import { LineScanner, lineText, plainLine } from '../../../../src/engine/output/lineScanner.ts';
import { LogFiles } from '../../../../src/engine/output/logFiles.ts';
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
    await files.close();
    fixture.dispose();
  });

  it('does not join what is before and behind dropped output', async () => {
    const scanner = new LineScanner({ index: fixture.index, logs: fixture.logs, files }, 0);
    const piece = (offset: number, text: string, dropped: number): Piece => {
      const bytes = Buffer.from(text);
      const { length } = bytes;
      return { seq: offset + length, time: 0, stream: 'stdout', offset, length, dropped, bytes, lead: Buffer.alloc(0) };
    };
    assert.deepEqual([...(await scanner.feed(piece(0, 'one\ntw', 0), false))].map(lineText), ['one\n']);
    assert.deepEqual(scanner.unfinished().map(plainLine), ['tw']);
    fixture.logs.dropped.stdout = 100;
    assert.deepEqual([...(await scanner.feed(piece(100, 'est\nnext\n', 94), false))].map(lineText), [
      'est\n',
      'next\n',
    ]);
  });
});
