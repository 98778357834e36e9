import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { BytePrinter } from '../../../../src/cli/output/bytePrinter.ts';
import type { Context } from '../../../../src/cli/base/context.ts';
import type { JobService } from '../../../../src/api/endpoints.ts';
import type { Chunk, OutputQuery } from '../../../../src/api/output.ts';

describe('printing bytes from a log', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** @param dropped how many bytes at the beginning of the log the host has dropped by now */
  async function print(log: Buffer, dropped: number, quiet = false) {
    writeFileSync(join(folder, 'stdout.log'), log);
    const service: Partial<JobService> = {
      getRun: () => Promise.resolve({ logs: { stdout: join(folder, 'stdout.log'), stderr: null } }) as never,
      getOutput: (_id: string, { range = '' }: OutputQuery = {}) => {
        const droppedBytes = Math.max(0, dropped - Number(range.split('-')[0]));
        return Promise.resolve({ chunks: [], next: 0, droppedBytes, status: 'running', more: false });
      },
    };
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const context = { stdout, stderr } as unknown as Context;
    const run = { jobId: 'x', runId: 'x.1', maxLogBytes: 65_536, query: {} };
    const printer = new BytePrinter(context, service as JobService, run, { quiet });
    const chunk: Chunk = { seq: log.length, offset: 0, length: log.length, stream: 'stdout', time: '', text: '' };
    await printer.print(chunk);
    await printer.close();
    const read = (stream: PassThrough): Buffer => (stream.read() as Buffer | null) ?? Buffer.alloc(0);
    return { stdout: read(stdout), stderr: read(stderr).toString() };
  }

  it('prints zeros that the job has written', async () => {
    const log = Buffer.from('\0\0binary\xff', 'latin1');
    assert.deepEqual(await print(log, 0), { stdout: log, stderr: '' });
  });

  it('takes zeros for what was dropped where the host says so, and tells it', async () => {
    const { stdout, stderr } = await print(Buffer.from('\0\0\0\0\0rest'), 5);
    assert.equal(stdout.toString(), 'rest');
    assert.match(stderr, /^bgjobs: 5 bytes of older output are gone/);
  });

  it('says nothing when it is to be quiet', async () => {
    const { stdout, stderr } = await print(Buffer.from('\0\0rest'), 2, true);
    assert.deepEqual([stdout.toString(), stderr], ['rest', '']);
  });
});
