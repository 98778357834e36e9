import assert from 'node:assert/strict';
import type { Chunk, Stream } from '../../../src/api/output.ts';
import { GapFinder, OutputText } from '../../../src/text/outputText.ts';

function chunk(stream: Stream, offset: number, text: string): Chunk {
  return { seq: 0, time: '2026-01-01T00:00:00.000Z', stream, offset, length: text.length, text };
}

type Query = ConstructorParameters<typeof OutputText>[0];
const render = (chunks: Chunk[], query: Query, droppedBytes?: number): string =>
  new OutputText(query).next(chunks, droppedBytes);

const marker = (bytes: number): string => `[… ${bytes} bytes dropped by maxLogBytes …]\n`;

describe('OutputText', () => {
  it('is the text of the chunks', () => {
    assert.equal(render([chunk('stdout', 0, 'a\n'), chunk('stderr', 0, 'b')], {}), 'a\nb');
    assert.equal(render([chunk('stdout', 70, 'a\n')], { since: 70 }), 'a\n');
    assert.equal(render([chunk('stdout', 7, 'a\n'), chunk('stdout', 90, 'b\n')], { grep: '[ab]' }), 'a\nb\n');
  });

  it('says where a stream lost its beginning, on a line of its own', () => {
    const chunks = [chunk('stdout', 0, 'early'), chunk('stderr', 4096, 'late'), chunk('stderr', 4100, '\n')];
    assert.equal(render(chunks, {}, 4096), `early\n${marker(4096)}late\n`);
  });

  it('says so for a live stream that is read too late', () => {
    const text = new OutputText({ since: 30 });
    const live = [chunk('stdout', 30, 'a'), chunk('stdout', 131, 'b\n')].map((one) => text.next([one]));
    assert.deepEqual(live, ['a', `\n${marker(100)}b\n`]);
  });

  it('says so first when the chunks do not show the gap, and last when no chunk follows', () => {
    assert.equal(render([chunk('stdout', 50, 'a\n')], { since: 20 }, 30), `${marker(30)}a\n`);
    assert.equal(render([chunk('stdout', 0, 'a\n')], {}, 30), `a\n${marker(30)}`);
  });
});

describe('GapFinder', () => {
  it('counts every dropped byte once, from page to page', () => {
    const gaps = new GapFinder({});
    const [first, second] = [chunk('stdout', 10, 'a'), chunk('stdout', 31, 'b')];
    assert.deepEqual([...gaps.pass([first], 10)], [{ droppedBytes: 10 }, first]);
    assert.deepEqual([...gaps.pass([second], 25)], [{ droppedBytes: 20 }, second, { droppedBytes: 5 }]);
  });
});
