import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobService } from '../../../src/api/endpoints.ts';
import type { Chunk, OutputQuery } from '../../../src/api/output.ts';
import { LogFiles, LogReader } from '../../../src/logs/logReader.ts';

const time = '2026-01-02T03:04:05.678Z';
const chunk = (stream: Chunk['stream'], seq: number, offset: number, length: number): Chunk => {
  return { seq, time, stream, offset, length, text: '' };
};

describe('reading the bytes of chunks', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bj-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const out = (): string => join(folder, 'out');

  interface Scene {
    /** Bytes at the beginning of the log that the host has dropped by now. */
    dropped?: number;
    reuse?: boolean;
  }

  function readerOf({ dropped = 0, reuse = false }: Scene): LogReader {
    const service: Partial<JobService> = {
      getRun: () => Promise.resolve({ logs: { stdout: out(), stderr: join(folder, 'err') } }) as never,
      getOutput: (_id: string, { range = '' }: OutputQuery = {}) => {
        const droppedBytes = Math.max(0, dropped - Number(range.split('-')[0]));
        return Promise.resolve({ chunks: [], next: 0, droppedBytes, status: 'running', more: false });
      },
    };
    const run = { jobId: 'x', runId: 'x.1', query: {} };
    return new LogReader(service as JobService, run, { reuse });
  }

  async function read(of: Chunk, scene: Scene = {}): Promise<{ pieces: Chunk[]; bytes: Buffer; leads: string[] }> {
    await using log = readerOf(scene);
    const [pieces, bytes, leads]: [Chunk[], Buffer[], string[]] = [[], [], []];
    for await (const piece of log.read(of)) {
      pieces.push(piece.chunk);
      bytes.push(Buffer.from(piece.bytes));
      leads.push(String(piece.lead));
    }
    return { pieces, bytes: Buffer.concat(bytes), leads };
  }

  it('returns the bytes of the chunk in its own stream, with the bytes before them', async () => {
    writeFileSync(out(), 'abcdef');
    writeFileSync(join(folder, 'err'), 'uvwxyz');
    assert.deepEqual(await read(chunk('stdout', 9, 4, 2)), {
      pieces: [chunk('stdout', 9, 4, 2)],
      bytes: Buffer.from('ef'),
      leads: ['bcd'],
    });
    assert.equal((await read(chunk('stderr', 12, 0, 2))).bytes.toString(), 'uv');
  });

  for (const reuse of [true, false]) {
    it(`gives pieces that together are the chunk, whatever its length, ${reuse ? 'in the same' : 'in fresh'} memory`, async () => {
      const whole = Buffer.alloc(1_200_000, 'abcdefg');
      writeFileSync(out(), whole);
      const { pieces, bytes, leads } = await read(chunk('stdout', 2_199_990, 10, 1_199_990), { reuse });
      assert.ok(bytes.equals(whole.subarray(10)));
      assert.ok(pieces.length > 2);
      let [offset, seq] = [10, 1_000_000];
      for (const [index, piece] of pieces.entries()) {
        assert.equal(piece.offset, offset);
        assert.equal(leads[index], whole.toString('latin1', offset - 3, offset));
        offset += piece.length;
        seq += piece.length;
        assert.equal(piece.seq, seq);
      }
      assert.equal(seq, 2_199_990);
    });
  }

  it('gives fewer when the file was cut', async () => {
    writeFileSync(out(), 'abc');
    const { pieces, bytes } = await read(chunk('stdout', 9, 1, 8));
    assert.deepEqual([String(bytes), pieces], ['bc', [chunk('stdout', 3, 1, 2)]]);
  });

  it('leaves out what was dropped meanwhile, which reads as zeros, and no zeros that the job has written', async () => {
    writeFileSync(out(), '\0\0\0\0\0rest');
    const { pieces, bytes, leads } = await read(chunk('stdout', 9, 0, 9), { dropped: 5 });
    assert.deepEqual([String(bytes), leads, pieces], ['rest', ['\0\0\0'], [chunk('stdout', 9, 5, 4)]]);
    assert.deepEqual((await read(chunk('stdout', 9, 0, 5), { dropped: 5 })).pieces, []);
    assert.equal((await read(chunk('stdout', 9, 0, 9))).bytes.length, 9);
  });

  it('says that the log was removed when there is no file', async () => {
    await assert.rejects(read(chunk('stdout', 3, 0, 3)), { code: 'invalid_state' });
  });
});

describe('LogFiles', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bj-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('finds both streams in one file when they are merged', async () => {
    const path = join(folder, 'out');
    writeFileSync(path, 'both');
    await using files = new LogFiles({ stdout: path, stderr: null });
    assert.equal(String(await files.read('stderr', 0, 4)), 'both');
    assert.equal(await files.size('stderr'), 4);
  });

  it('keeps the streams apart that it reads into the same memory', async () => {
    const logs = { stdout: join(folder, 'out'), stderr: join(folder, 'err') };
    writeFileSync(logs.stdout, 'out');
    writeFileSync(logs.stderr, 'err');
    await using files = new LogFiles(logs, { buffer: Buffer.alloc(65_536) });
    for (const [stream, text] of [
      ['stdout', 'out'],
      ['stderr', 'err'],
      ['stdout', 'out'],
    ] as const) {
      assert.equal(String(await files.read(stream, 0, 3)), text);
    }
  });

  it('treats a missing log as empty if requested', async () => {
    await using files = new LogFiles({ stdout: join(folder, 'no'), stderr: null }, { missingIsEmpty: true });
    assert.deepEqual([(await files.read('stdout', 0, 4)).length, await files.size('stdout')], [0, 0]);
  });
});
