import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { compileLinePattern } from '../../../../src/engine/output/readOutput.ts';
import { followOutput, waitForPattern } from '../../../../src/engine/output/readOutput.ts';
import { outputQuery } from '../../../../src/api/output.ts';
import { LogFiles } from '../../../../src/logs/logReader.ts';
import { memoryInUse } from '../../../helpers/memory.ts';
import { OutputFixture, textOf } from '../../../helpers/engine/outputFixture.ts';

const gibibyte = 2 ** 30;
const mebibyte = 2 ** 20;

/** The most memory in use during `work`, measured at every 64th read, above what was in use before (bytes). */
async function peakMemory(work: () => Promise<void>): Promise<number> {
  const before = memoryInUse();
  let peak = before;
  let reads = 0;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
  const { read } = LogFiles.prototype;
  LogFiles.prototype.read = function (...args) {
    if (reads++ % 64 === 0) peak = Math.max(peak, memoryInUse());
    return read.apply(this, args);
  };
  try {
    await work();
  } finally {
    LogFiles.prototype.read = read;
  }
  assert.ok(reads > 0);
  return Math.max(peak, memoryInUse()) - before;
}

describe('a log of many gibibytes', () => {
  let fixture: OutputFixture;
  beforeEach(() => (fixture = new OutputFixture()));
  afterEach(() => fixture.dispose());

  it('gives its last lines by reading its end alone', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `line ${i} ${'.'.repeat(500)}\n`);
    truncateSync(fixture.path('stdout'), 10 * gibibyte);
    fixture.write('stdout', lines.join(''));
    const peak = await peakMemory(async () => {
      const { chunks, next } = await fixture.read({ tail: 100 });
      assert.equal(textOf(chunks), lines.slice(-100).join(''));
      assert.equal(next, 10 * gibibyte + lines.join('').length);
    });
    assert.ok(peak < 32 * mebibyte, `${peak} bytes`);
  });

  it('cuts a tail of one huge line to the limit and keeps its end', async () => {
    truncateSync(fixture.path('stdout'), 10 * gibibyte);
    fixture.write('stdout', 'the end');
    const { chunks, next } = await fixture.read({ tail: 1, limit: 10 });
    assert.equal(textOf(chunks), '\0\0\0the end');
    assert.equal(next, 10 * gibibyte + 7);
  });

  it('is searched in bounded memory when it is one line', async () => {
    truncateSync(fixture.path('stdout'), gibibyte / 4);
    fixture.write('stdout', '\nfound it\n');
    const peak = await peakMemory(async () => {
      const { signal } = new AbortController();
      const pattern = await compileLinePattern('found');
      const found = await waitForPattern(fixture.output(true), pattern, signal);
      assert.equal(found?.text, 'found it');
    });
    assert.ok(peak < 64 * mebibyte, `${peak} bytes`);
  });

  it('is searched in bounded memory when it is one line that is redrawn', async () => {
    const states = Buffer.from('\r 50% of something'.repeat(1_000_000));
    for (let i = 0; i < 6; i++) fixture.write('stdout', states);
    fixture.write('stdout', '\r100% found it');
    const peak = await peakMemory(async () => {
      const pattern = await compileLinePattern('found');
      const found = await waitForPattern(fixture.output(true), pattern, new AbortController().signal);
      assert.equal(found?.text, '100% found ithing');
    });
    assert.ok(peak < 64 * mebibyte, `${peak} bytes`);
  });

  it('is followed in bounded memory', async () => {
    truncateSync(fixture.path('stdout'), gibibyte / 4);
    fixture.look();
    const options = outputQuery.parse({});
    let length = 0;
    const peak = await peakMemory(async () => {
      const { signal } = new AbortController();
      for await (const chunk of followOutput(fixture.output(true), options, signal)) {
        length += chunk.text.length;
      }
    });
    assert.equal(length, gibibyte / 4);
    assert.ok(peak < 64 * mebibyte, `${peak} bytes`);
  });
});
