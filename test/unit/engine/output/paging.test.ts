import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Chunk, Stream } from '../../../../src/api/output.ts';
import { OutputFixture, textOf } from '../../../helpers/engine/outputFixture.ts';

type Step = { stream: Stream; data: Uint8Array } | 'look';

const stream = fc.constantFrom<Stream>('stdout', 'stderr');
const words = fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'é', '€', '😀'), maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 8 });
const data = fc.oneof(
  { arbitrary: words.map((text) => Buffer.from(text)), weight: 4 },
  { arbitrary: bytes, weight: 1 },
);
const write = fc.record({ stream, data });
const steps = fc.array<Step>(fc.oneof<[fc.Arbitrary<Step>, fc.Arbitrary<Step>]>(write, fc.constant('look')));
const limits = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 });

/** A fixture on which the steps were taken: rows, and so borders, are wherever somebody looked. */
async function withSteps(taken: readonly Step[], use: (fixture: OutputFixture) => Promise<void>): Promise<void> {
  const fixture = new OutputFixture();
  try {
    for (const step of taken) {
      if (step === 'look') fixture.look();
      else fixture.write(step.stream, step.data, false);
    }
    fixture.look();
    await use(fixture);
  } finally {
    fixture.dispose();
  }
}

/** The merged view: the rows' bytes one after the other. */
function merged(fixture: OutputFixture, only?: Stream): Buffer {
  const rows = fixture.index.after(1, 0, 10_000).filter((row) => only === undefined || row.stream === only);
  return Buffer.concat(
    rows.map((row) => readFileSync(fixture.path(row.stream)).subarray(row.offset, row.offset + row.length)),
  );
}

function assertEachByteOnce(fixture: OutputFixture, chunks: readonly Chunk[], of: readonly Stream[]): void {
  for (const stream of of) {
    const log = readFileSync(fixture.path(stream));
    let offset = 0;
    for (const chunk of chunks.filter((each) => each.stream === stream)) {
      assert.equal(chunk.offset, offset);
      offset += chunk.length;
    }
    assert.equal(offset, log.length);
    assert.equal(textOf(chunks, stream), log.toString('utf8'));
  }
  for (const [i, chunk] of chunks.entries()) assert.ok(chunk.seq > (chunks[i - 1]?.seq ?? 0));
}

describe('reading in pages', () => {
  it('gives every byte once and every character whole, whatever the pages', () =>
    fc.assert(
      fc.asyncProperty(steps, limits, fc.option(stream, { nil: undefined }), (taken, sizes, only) =>
        withSteps(taken, async (fixture) => {
          const { chunks, next } = await fixture.readAll({ stream: only }, sizes);
          assertEachByteOnce(fixture, chunks, only ? [only] : ['stdout', 'stderr']);
          assert.equal(next, merged(fixture).length);
        }),
      ),
      { numRuns: 300 },
    ));

  it('gives every byte once to a reader that comes while it is written', () =>
    fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 6 }), limits, async (parts, sizes) => {
        const fixture = new OutputFixture();
        try {
          const chunks: Chunk[] = [];
          let since = 0;
          for (const [i, part] of [...parts, []].entries()) {
            for (const step of part) {
              if (step === 'look') fixture.look();
              else fixture.write(step.stream, step.data, false);
            }
            // An end that is cut within a character is known only at the end: not what this is about.
            if (i === parts.length) for (const each of ['stdout', 'stderr'] as const) fixture.write(each, '.', false);
            fixture.look();
            const page = await fixture.readAll({ since }, sizes, i === parts.length);
            chunks.push(...page.chunks);
            since = page.next;
          }
          assertEachByteOnce(fixture, chunks, ['stdout', 'stderr']);
        } finally {
          fixture.dispose();
        }
      }),
      { numRuns: 150 },
    ));

  it('finds every matching line once, whole, in the order of line ends', () =>
    fc.assert(
      fc.asyncProperty(steps, limits, fc.option(stream, { nil: undefined }), (taken, sizes, only) =>
        withSteps(taken, async (fixture) => {
          const { chunks } = await fixture.readAll({ grep: 'a', stream: only }, sizes);
          for (const each of only ? [only] : (['stdout', 'stderr'] as const)) {
            const whole = readFileSync(fixture.path(each)).toString('latin1');
            // An a after an escape may be a part of its sequence, which is not shown.
            const isPlain = (line: string): boolean => !line.includes('\u001b');
            const expected = whole.split(/(?<=\n)/).filter((line) => line.includes('a') && isPlain(line));
            const texts = expected.map((line) => Buffer.from(line, 'latin1').toString('utf8'));
            const found = chunks.filter(
              ({ stream: of, offset, length }) => of === each && isPlain(whole.slice(offset, offset + length)),
            );
            assert.deepEqual(
              found.map(({ length }) => length),
              expected.map(({ length }) => length),
            );
            // The last one may end within a character, which a line shows when the rest has come.
            for (const [i, { text }] of found.entries()) {
              assert.ok(/[\b\v\f\r\u001b\u0080-\u009f]/.test(texts[i]!) || texts[i]!.startsWith(text), text);
            }
          }
          for (const [i, chunk] of chunks.entries()) assert.ok(chunk.seq > (chunks[i - 1]?.seq ?? 0));
        }),
      ),
      { numRuns: 300 },
    ));

  it('begins a tail right after the newline before its lines', () =>
    fc.assert(
      fc.asyncProperty(steps, fc.nat(6), fc.option(stream, { nil: undefined }), (taken, lines, only) =>
        withSteps(taken, async (fixture) => {
          const view = merged(fixture, only)
            .toString('latin1')
            .split(/(?<=\n)/)
            .filter(Boolean);
          const { chunks } = await fixture.read({ tail: lines, stream: only });
          const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
          assert.equal(length, lines === 0 ? 0 : view.slice(-lines).join('').length);
        }),
      ),
      { numRuns: 300 },
    ));
});
