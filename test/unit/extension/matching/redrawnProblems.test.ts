import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { TaskMatching } from '../../../../src/extension/matching/main.ts';
import { Shown } from './shown.ts';

const esc = '\u001B';

/** A run of a task with this pattern, whose output comes in pieces. */
class Output {
  readonly #shown = new Shown();
  readonly #matching: TaskMatching;
  done = 0;

  constructor(pattern: unknown = { regexp: '^(\\S+):(\\d+):(\\d+): (\\w+): (.*)$', severity: 4, message: 5 }) {
    const background = { beginsPattern: '^compiling', endsPattern: '^compiled' };
    this.#matching = new TaskMatching({
      ...{ matchers: [{ owner: 'A', fileLocation: ['relative', '/ws'], pattern, background }], isBackground: true },
      ...{ known: { matchers: new Map(), patterns: new Map() }, owner: 'own', folder: '/ws', panel: this.#shown },
      resolve: (text) => text,
      complain: assert.fail,
      done: () => this.done++,
    });
  }

  async shows(...pieces: string[]): Promise<string[]> {
    for (const piece of pieces) await this.#matching.push(piece);
    return this.#shown.now();
  }

  async end(): Promise<string[]> {
    await this.#matching.end();
    return this.#shown.now();
  }
}

describe('The problems in lines that are redrawn', () => {
  const error = (message: string): string => `a.c:2:2: error: ${message}`;
  const shows = (...pieces: string[]): Promise<string[]> => new Output().shows(...pieces);

  it('are those of what a terminal shows', async () => {
    assert.deepEqual(await shows(`building 10%\r${error('cr')}\n`), ['A cr']);
    assert.deepEqual(await shows(`building 10%\r${esc}[K${esc}[31m${error('erased')}${esc}[0m\n`), ['A erased']);
    assert.deepEqual(await shows('a.c:2:2: 0/16\b\b\b\b', 'error: taken back\n'), ['A taken back']);
    assert.deepEqual(await shows(`one 1%\ntwo 1%\n${esc}[2`, `A${error('up')}\n`), ['A up']);
    assert.deepEqual(await shows(`a.c:2:2:${esc}[1Cerror:${esc}]8;;http://x.test${esc}\\ link`, '\r\n'), ['A link']);
  });

  it('are found in each state of a line', async () => {
    const output = new Output();
    assert.deepEqual(await output.shows(`${error('first')}\r`), ['A first']);
    assert.deepEqual(await output.shows(`b.c:1:1: error: second${esc}[K\r`), ['A first', 'A second']);
    assert.deepEqual(await output.shows('building 20%', `${esc}[2K\rdone\n`), ['A first', 'A second']);
  });

  it('are counted once, in their last state', async () => {
    const bar = Array.from({ length: 9 }, (_, index) => `${error('odd')} [${index}/9]\r`);
    assert.deepEqual(await shows(...bar, `${error('odd')} [9/9]\n`), ['A odd [9/9]']);
    const frame = `${error('frame')}\nb.c:1:1: error: other\n`;
    assert.deepEqual(await shows(frame, `${esc}[2A${frame}`, `${esc}[2A${frame}`), ['A frame', 'A other']);
    const [one, two] = [`${error('after 1 s')}\n`, `${error('after 2 s')}\n`];
    assert.deepEqual(await shows(`${one}working\n`, `${esc}[2A${two}${esc}[B`), ['A after 2 s']);
    // Two lines may say different things about one place.
    assert.deepEqual(await shows(one, two), ['A after 1 s', 'A after 2 s']);
  });

  it('of several lines are found whatever is drawn over between them', async () => {
    const pattern = [
      { regexp: '^(\\S+\\.c)$', file: 1 },
      { regexp: '^ +(\\d+): (.*)$', line: 1, message: 2, loop: true },
    ];
    const lines = 'a.c\nchecking 10%\rchecking 90%\r  1: first     \nchecking\r\r  2: second\n\n  3: of nothing\n';
    assert.deepEqual(await new Output(pattern).shows(lines), ['A first', 'A second']);
    // In whatever pieces they come.
    assert.deepEqual(await new Output(pattern).shows(...lines), ['A first', 'A second']);
    assert.deepEqual(await new Output(pattern).shows(...'a.c\r\n  1: first\r\n'), ['A first']);
  });

  it('are replaced by those of work that only a state shows to begin and to be done', async () => {
    const output = new Output();
    const cycle = async (...lines: string[]): Promise<string[]> =>
      output.shows('compiling …\r', ...lines.map((line) => `${esc}[K${line}\n`), `compiled\r${esc}[K`, 'waiting\n');
    assert.deepEqual(await cycle(error('before')), ['A before']);
    assert.deepEqual(await cycle(), []);
    assert.equal(output.done, 2);
  });

  it('are there although the last line has no newline, and in the beginning of a line that never ends', async () => {
    const output = new Output();
    await output.shows(error('unfinished'));
    assert.deepEqual(await output.end(), ['A unfinished']);
    const long = new Output();
    const [problem] = await long.shows(`a.c:1:1: error: long ${'x'.repeat(200_000)}`, ' b.c:1:1: error: rest\n');
    assert.match(problem ?? '', /^A long x+$/);
    assert.equal((await long.end()).length, 1);
  });
});
