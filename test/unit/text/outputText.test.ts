import assert from 'node:assert/strict';
import type { Chunk, Stream } from '../../../src/api/output.ts';
import { outputText } from '../../../src/text/outputText.ts';

function chunk(stream: Stream, offset: number, text: string): Chunk {
  return { seq: 0, time: '2026-01-01T00:00:00.000Z', stream, offset, length: text.length, text };
}

async function render(...given: Parameters<typeof outputText>): Promise<string> {
  let text = '';
  for await (const part of outputText(...given)) text += part;
  return text;
}

const marker = (bytes: number): string => `[… ${bytes} bytes dropped by maxLogBytes …]\n`;

describe('outputText', () => {
  it('is the text of the chunks', async () => {
    assert.equal(await render([chunk('stdout', 0, 'a\n'), chunk('stderr', 0, 'b')], {}), 'a\nb');
    assert.equal(await render([chunk('stdout', 70, 'a\n')], { since: 70 }), 'a\n');
    assert.equal(await render([chunk('stdout', 7, 'a\n'), chunk('stdout', 90, 'b\n')], { grep: '[ab]' }), 'a\nb\n');
  });

  it('says where a stream lost its beginning, on a line of its own', async () => {
    const chunks = [chunk('stdout', 0, 'early'), chunk('stderr', 4096, 'late'), chunk('stderr', 4100, '\n')];
    assert.equal(await render(chunks, {}, 4096), `early\n${marker(4096)}late\n`);
  });

  it('says it of a live stream that is read too late', async () => {
    const chunks = [chunk('stdout', 30, 'a\n'), chunk('stdout', 132, 'b\n')];
    assert.equal(await render(chunks, { since: 30 }), `a\n${marker(100)}b\n`);
  });

  it('says it first where the chunks do not show it, and last when none follows', async () => {
    assert.equal(await render([chunk('stdout', 50, 'a\n')], { since: 20 }, 30), `${marker(30)}a\n`);
    assert.equal(await render([chunk('stdout', 0, 'a\n')], {}, 30), `a\n${marker(30)}`);
  });
});
