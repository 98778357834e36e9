import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogBytes } from '../../../src/dataDir/logBytes.ts';
import type { Chunk } from '../../../src/api/output.ts';

const time = '2026-01-02T03:04:05.678Z';
const chunk = (stream: Chunk['stream'], seq: number, offset: number, length: number): Chunk => {
  return { seq, time, stream, offset, length, text: '' };
};

describe('the bytes of log files', () => {
  let folder = '';
  let log: LogBytes;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-'));
    log = new LogBytes({ stdout: join(folder, 'out'), stderr: join(folder, 'err') });
  });
  afterEach(async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function read(of: Chunk): Promise<{ pieces: Chunk[]; bytes: Buffer }> {
    const pieces: Chunk[] = [];
    const bytes: Buffer[] = [];
    for await (const piece of log.pieces(of)) {
      pieces.push(piece.chunk);
      bytes.push(piece.bytes);
    }
    return { pieces, bytes: Buffer.concat(bytes) };
  }

  it('are those at the chunk in its own stream', async () => {
    writeFileSync(join(folder, 'out'), 'abcdef');
    writeFileSync(join(folder, 'err'), 'uvwxyz');
    assert.equal((await read(chunk('stdout', 9, 2, 3))).bytes.toString(), 'cde');
    assert.equal((await read(chunk('stderr', 12, 0, 2))).bytes.toString(), 'uv');
    assert.equal(await log.size('stderr'), 6);
  });

  it('come in pieces that together are the chunk, whatever its length', async () => {
    const whole = Buffer.alloc(600_000, 'abcdefg');
    writeFileSync(join(folder, 'out'), whole);
    const { pieces, bytes } = await read(chunk('stdout', 1_599_990, 10, 599_990));
    assert.ok(bytes.equals(whole.subarray(10)));
    assert.ok(pieces.length > 1);
    let [offset, seq] = [10, 1_000_000];
    for (const piece of pieces) {
      assert.equal(piece.offset, offset);
      offset += piece.length;
      seq += piece.length;
      assert.equal(piece.seq, seq);
    }
    assert.equal(seq, 1_599_990);
  });

  it('are fewer when the file was cut', async () => {
    writeFileSync(join(folder, 'out'), 'abc');
    assert.equal((await read(chunk('stdout', 9, 1, 8))).bytes.toString(), 'bc');
  });

  it('of both streams are in one file when they are merged', async () => {
    const merged = new LogBytes({ stdout: join(folder, 'out'), stderr: null });
    writeFileSync(join(folder, 'out'), 'both');
    assert.equal((await merged.read('stderr', 0, 4)).toString(), 'both');
    await merged.close();
  });

  it('fail with the error of the file system when there is no file', async () => {
    await assert.rejects(read(chunk('stdout', 3, 0, 3)), { code: 'ENOENT' });
  });
});
