import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { followOutput } from '../../../../src/engine/output/readOutput.ts';
import { OutputTracker } from '../../../../src/engine/output/outputTracker.ts';
import { type Chunk, type OutputQuery, outputQuery } from '../../../../src/api/output.ts';
import { until } from '../../../helpers/until.ts';
import { OutputFixture, textOf, Writer } from '../../../helpers/engine/outputFixture.ts';

const quiet = { onDropped: () => undefined, onUnlimited: () => undefined, onFailure: () => undefined };

describe('followOutput', () => {
  let fixture: OutputFixture;
  let tracker: OutputTracker;
  let abort: AbortController;
  beforeEach(() => {
    fixture = new OutputFixture();
    tracker = new OutputTracker(fixture.index, quiet);
    abort = new AbortController();
  });
  afterEach(async () => {
    await tracker.dispose();
    fixture.dispose();
  });

  const follow = (query: OutputQuery = {}, isEnded = (): boolean => false): AsyncGenerator<Chunk> =>
    followOutput({ ...fixture.output(false), growth: tracker, isEnded }, outputQuery.parse(query), abort.signal);

  /** Collects what comes, from now on. */
  const collect = (query: OutputQuery = {}): { chunks: Chunk[]; done: Promise<void> } => {
    const chunks: Chunk[] = [];
    const done = (async () => {
      for await (const chunk of follow(query)) chunks.push(chunk);
    })();
    return { chunks, done };
  };

  it('returns every byte of a live writer once, and ends with the run', async () => {
    tracker.track(fixture.logs);
    const { chunks, done } = collect();
    const positions = collect({ text: 'false' });
    const script =
      'for i in $(seq 1000); do echo "ligne é $i"; echo "€ $i" >&2; [ $((i % 100)) = 0 ] && sleep 0.03; done';
    const writer = new Writer(fixture.logs, script);
    await writer.ended();
    tracker.finish(1);
    await Promise.all([done, positions.done]);
    for (const stream of ['stdout', 'stderr'] as const) {
      const log = readFileSync(fixture.path(stream));
      assert.equal(textOf(chunks, stream), log.toString('utf8'));
      const mine = positions.chunks.filter((chunk) => chunk.stream === stream);
      assert.equal(
        mine.reduce((offset, chunk) => (assert.equal(chunk.offset, offset), offset + chunk.length), 0),
        log.length,
      );
    }
    assert.ok(chunks.length > 4, 'came while it ran');
    assert.equal(textOf(positions.chunks), '');
  });

  it('shows a prompt at once and the answer to it later', async () => {
    tracker.track(fixture.logs);
    const { chunks, done } = collect();
    const writer = new Writer(fixture.logs, "printf 'Name: '; read a; printf 'thanks'");
    await until('the prompt', () => (textOf(chunks) === 'Name: ' ? true : undefined));
    await writer.ended();
    tracker.finish(1);
    await done;
    assert.equal(textOf(chunks), 'Name: thanks');
  });

  it('begins where the query says: after a cursor, at a tail, with one stream', async () => {
    fixture.write('stdout', 'one\ntwo\n');
    fixture.write('stderr', 'err\n');
    const ended = async (query: OutputQuery): Promise<string> => {
      const chunks: Chunk[] = [];
      for await (const chunk of follow(query, () => true)) chunks.push(chunk);
      return textOf(chunks);
    };
    assert.equal(await ended({}), 'one\ntwo\nerr\n');
    assert.equal(await ended({ since: 4 }), 'two\nerr\n');
    assert.equal(await ended({ tail: 2 }), 'two\nerr\n');
    assert.equal(await ended({ tail: 0 }), '');
    assert.equal(await ended({ stream: 'stderr' }), 'err\n');
    assert.equal(await ended({ range: '2-5' }), 'e\ntw');
    assert.equal(await ended({ limit: 3 }), 'one\ntwo\nerr\n');
  });

  it('gives matching lines as they are completed, and the last one at the end', async () => {
    tracker.track(fixture.logs);
    const { chunks, done } = collect({ grep: 'é' });
    fixture.write('stdout', Buffer.from('h\u00e9').subarray(0, 2), false);
    fixture.write('stderr', 'é\nno\n', false);
    await until('the line of stderr', () => chunks.length || undefined);
    fixture.write('stdout', Buffer.from([0xa9, 0x0a]), false);
    await until('the line of stdout', () => (chunks.length === 2 ? true : undefined));
    fixture.write('stdout', 'last é', false);
    tracker.finish(1);
    await done;
    assert.deepEqual(
      chunks.map(({ text }) => text),
      ['é\n', 'hé\n', 'last é'],
    );
  });

  it('shows a character that stays cut when the run has ended', async () => {
    tracker.track(fixture.logs);
    const { chunks, done } = collect();
    fixture.write('stdout', Buffer.from([0x61, 0xe2, 0x82]), false);
    await until('the first chunk', () => chunks.length || undefined);
    assert.equal(textOf(chunks), 'a');
    tracker.finish(1);
    await done;
    assert.equal(textOf(chunks), readFileSync(fixture.path('stdout'), 'utf8'));
  });

  it('ends when it is aborted, while it waits and before it began', async () => {
    tracker.track(fixture.logs);
    const { chunks, done } = collect();
    fixture.write('stdout', 'x', false);
    await until('a chunk', () => chunks.length || undefined);
    abort.abort();
    await done;
    assert.deepEqual(await follow().next(), { done: true, value: undefined });
  });

  it('ends at once for a run that is not tracked', async () => {
    fixture.write('stdout', 'all there is');
    const { chunks, done } = collect();
    await done;
    assert.equal(textOf(chunks), 'all there is');
  });

  it('leaves a gap where output was dropped', async () => {
    fixture.write('stdout', 'x'.repeat(10_000));
    fixture.logs.dropped.stdout = 8192;
    const { chunks, done } = collect();
    await done;
    assert.deepEqual([chunks[0]?.offset, textOf(chunks).length], [8192, 1808]);
  });

  it('closes the logs and stops listening when the reader stops', async function () {
    if (process.platform !== 'linux') this.skip();
    const listening = new Set<unknown>();
    const growth = {
      onGrowth: (run: number, listener: (finished: boolean) => void) => {
        const stop = tracker.onGrowth(run, listener);
        listening.add(listener);
        return () => (listening.delete(listener), stop());
      },
    };
    tracker.track(fixture.logs);
    fixture.write('stdout', 'x\n');
    const options = outputQuery.parse({});
    for await (const chunk of followOutput({ ...fixture.output(false), growth }, options, abort.signal)) {
      assert.equal(chunk.text, 'x\n');
      break;
    }
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    assert.deepEqual([listening.size, open.filter((path) => path.startsWith(fixture.directory))], [0, []]);
  });

  it('reports an invalid pattern at the first step', async () => {
    await assert.rejects(follow({ grep: '(' }).next(), { code: 'invalid_request' });
  });
});
