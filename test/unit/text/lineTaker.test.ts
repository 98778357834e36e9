import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LineTaker } from '../../../src/text/lineTaker.ts';

const esc = '\u001B';

describe('LineTaker', () => {
  /** What is shown when each text comes at its time (milliseconds), and the reader looks whenever something is due. */
  function shown(writes: readonly [at: number, text: string][], until = Infinity): string {
    const taker = new LineTaker();
    let all = '';
    for (const [index, [at, text]] of writes.entries()) {
      taker.push(text, at, 'stdout');
      all += taker.take(at);
      const next = Math.min(writes[index + 1]?.[0] ?? until, until);
      for (let due = taker.dueAt(at); due !== undefined && due < next; due = taker.dueAt(due)) all += taker.take(due);
    }
    return until === Infinity ? all + taker.end() : all;
  }

  const bar = (states: number, everyMs: number): [number, string][] =>
    Array.from({ length: states }, (_, state) => [state * everyMs, `\r${Math.floor((100 * (state + 1)) / states)}%`]);

  it('gives a bar as one line, in its last state', () => {
    assert.equal(shown(bar(200, 100)), '100%\n');
  });

  it('gives a slow bar in few lines', () => {
    const lines = shown(bar(100, 5000)).split('\n');
    assert.ok(lines.length < 6, lines.join(' '));
    assert.equal(lines.at(-2), '100%');
  });

  it('gives several bars as one line each', () => {
    const frame = (state: number): string =>
      Array.from({ length: 8 }, (_, each) => `\r${esc}[2Kbar ${each}: ${state}`).join('\n') + `${esc}[7A\r`;
    const writes = Array.from({ length: 50 }, (_, state): [number, string] => [state * 100, frame(state)]);
    assert.equal(
      shown([[0, 'start\n'], ...writes]),
      `start\n${Array.from({ length: 8 }, (_, each) => `bar ${each}: 49\n`).join('')}`,
    );
  });

  it('gives a line soon when nothing draws it over', () => {
    assert.equal(shown([[0, 'one\ntwo\n']], 300), 'one\ntwo\n');
  });

  it('gives a prompt soon, which has no newline, and the answer behind it', () => {
    assert.equal(shown([[0, 'Password: ']], 300), 'Password: ');
    assert.equal(
      shown([
        [0, 'Password: '],
        [5000, 'ok\nnext\n'],
      ]),
      'Password: ok\nnext\n',
    );
  });

  it('gives a line that changes after it was given as a new line', () => {
    assert.equal(
      shown([
        [0, 'a: waits\nb: waits\n'],
        [5000, `${esc}[2A\ra: done \n`],
      ]),
      'a: waits\nb: waits\na: done\n',
    );
  });

  it('keeps a bar that never rests for five minutes', () => {
    const writes = bar(7000, 100);
    assert.equal(shown(writes).split('\n').length, 4);
  });

  it('gives all that has left the screen at once', () => {
    const lines = Array.from({ length: 1000 }, (_, line) => `line ${line}\n`);
    const taker = new LineTaker();
    taker.push(lines.join(''), 0, 'stdout');
    const first = taker.take(0);
    assert.ok(first.startsWith('line 0\n') && first.split('\n').length > 900);
    assert.equal(first + taker.end(), lines.join(''));
  });

  it('gives the same of a flood, however many lines come at once and whatever was given before', () => {
    const flood = Array.from({ length: 1000 }, (_, line) => `line ${line}\n`);
    for (const before of ['', 'prompt: ', 'one\ntwo\n', '\r50%']) {
      for (const seenMs of [0, 5000]) {
        const writes = (pieces: string[]): [number, string][] => [
          [0, before],
          ...pieces.map((piece): [number, string] => [seenMs, piece]),
          [seenMs, 'end'],
        ];
        const all = before.replace('\r', '') + flood.join('') + 'end\n';
        assert.equal(shown(writes(flood)), shown(writes([flood.join('')])), `${JSON.stringify(before)} ${seenMs}`);
        assert.equal(shown(writes([flood.join('')])), all);
      }
    }
  });

  it('gives no empty lines for what was erased', () => {
    const writes: [number, string][] = [
      [0, 'one\ntwo\n'],
      [5000, `${esc}[2J${esc}[3J${esc}[H`],
      [9000, 'three\n'],
    ];
    assert.equal(shown(writes), 'one\ntwo\nthree\n');
  });
});
