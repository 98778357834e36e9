import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { FileLookup } from '../../../../src/extension/matching/fileLookup.ts';
import { readMatcher } from '../../../../src/extension/matching/matcherConfig.ts';
import { ProblemCollector } from '../../../../src/extension/matching/problemCollector.ts';
import { Shown } from './shown.ts';

const pattern = { regexp: '^(\\w+\\.\\w+): (.*)$', file: 1, message: 2, kind: 'file' };
const cycle = { beginsPattern: '^build starts', endsPattern: '^build is done' };

/** A run of a task whose matchers are these. */
class Run {
  readonly #collector: ProblemCollector;
  readonly shown: Shown;
  /** The groups of each end of work. */
  readonly done: object[] = [];
  time = 0;

  constructor(matchers: object[], { shown = new Shown(), isBackground = true } = {}) {
    this.shown = shown;
    this.#collector = new ProblemCollector({
      matchers: matchers.map((one) => readMatcher({ owner: 'A', pattern, ...one }, noneKnown, 'own')),
      isBackground,
      panel: shown,
      files: new FileLookup('/ws'),
      now: () => this.time,
      done: (groups) => this.done.push(groups),
    });
  }

  /** @returns what is shown after these lines */
  async prints(...lines: string[]): Promise<string[]> {
    await this.#collector.push(lines.map((text) => ({ text, row: {}, isDrawnOver: false })));
    return this.shown.now();
  }

  /** @param after milliseconds since the last line */
  end(after = 60_000): string[] {
    this.time += after;
    this.#collector.end();
    return this.shown.now();
  }
}

const noneKnown = { matchers: new Map(), patterns: new Map() };
/** The location of {@link pattern} is relative to a folder that is given by name. */
const folder = { fileLocation: ['relative', '/ws'] };

describe('The problems of a task', () => {
  const foreground = (shown: Shown, ...matchers: object[]): Run =>
    new Run(
      matchers.map((one) => ({ ...folder, ...one })),
      { shown, isBackground: false },
    );

  it('are counted once each, though equal lines come often, and different ones of a place are kept', async () => {
    const run = foreground(new Shown(), {});
    assert.deepEqual(await run.prints('h.h: unused', 'h.h: unused', 'h.h: odd', 'h.h: unused'), ['A odd', 'A unused']);
  });

  it('are found by the first matcher that fits', async () => {
    const run = foreground(new Shown(), { owner: 'B' }, { owner: 'A' });
    assert.deepEqual(await run.prints('a.c: e'), ['B e']);
  });

  it('of the last run are there until the end of the next, and only what is found again stays', async () => {
    const shown = new Shown();
    const first = foreground(shown, {});
    await first.prints('a.c: e1', 'b.c: e2');
    assert.deepEqual(first.end(), ['A e1', 'A e2']);
    const second = foreground(shown, {});
    assert.deepEqual(await second.prints('working'), ['A e1', 'A e2']);
    assert.deepEqual(await second.prints('a.c: e3'), ['A e2', 'A e3']);
    assert.deepEqual(second.end(), ['A e3']);
  });

  it('are replaced by another task with the same owner, when that ends', async () => {
    const shown = new Shown();
    const all = foreground(shown, {});
    await all.prints('a.c: e1', 'b.c: e2');
    all.end();
    const other = foreground(shown, { owner: 'B' });
    await other.prints('c.c: e3');
    assert.deepEqual(other.end(), ['A e1', 'A e2', 'B e3']);
    const build = foreground(shown, {});
    assert.deepEqual(await build.prints('b.c: e4'), ['A e1', 'A e4', 'B e3']);
    assert.deepEqual(build.end(), ['A e4', 'B e3']);
  });

  it('are all shown at its end when it is not in the background, whatever begins and ends', async () => {
    const run = foreground(new Shown(), { background: { activeOnStart: true, ...cycle } });
    await run.prints('build starts', 'a.c: e1', 'build is done', 'build starts', 'b.c: e2', 'build is done');
    assert.deepEqual([run.end(), run.done], [['A e1', 'A e2'], []]);
  });

  it('are those of the open files, or of the others', async () => {
    const shown = new Shown();
    shown.open.add('/ws/a.c');
    const open = foreground(shown, { applyTo: 'openDocuments' });
    assert.deepEqual(await open.prints('a.c: e1', 'b.c: e2'), ['A e1']);
    open.end();
    const closed = foreground(shown, { applyTo: 'closedDocuments', owner: 'B' });
    assert.deepEqual(await closed.prints('a.c: e1', 'b.c: e2'), ['A e1', 'B e2']);
  });
});

describe('The problems of a task in the background', () => {
  const background = { activeOnStart: false, ...cycle };
  const watch = (...matchers: object[]): Run => new Run(matchers.map((one) => ({ ...folder, background, ...one })));

  it('stay when work begins, and those that are not found again go when it is done', async () => {
    const run = watch({});
    await run.prints('build starts', 'a.c: e1', 'b.c: e2', 'build is done');
    assert.deepEqual(await run.prints('build starts'), ['A e1', 'A e2']);
    assert.deepEqual(await run.prints('b.c: e3'), ['A e1', 'A e3']);
    assert.deepEqual(await run.prints('build is done'), ['A e3']);
    assert.deepEqual(await run.prints('build starts', 'build is done'), []);
  });

  it('are not lost by a line that begins work which goes on', async () => {
    const run = watch({});
    const all = await run.prints('build starts', 'a.c: e1', 'build starts', 'a.c: e2', 'build is done');
    assert.deepEqual(all, ['A e1', 'A e2']);
    assert.equal(run.done.length, 1);
  });

  it('are not lost by the work of another matcher', async () => {
    const run = watch({}, { owner: 'B', background: undefined, pattern: { ...pattern, regexp: '^B (\\S+): (.*)$' } });
    await run.prints('build starts', 'B t.ts: t1', 'build is done');
    assert.deepEqual(await run.prints('build starts', 'build is done'), ['B t1']);
    const types = { beginsPattern: '^checks', endsPattern: '^checked' };
    const both = watch({ pattern: { ...pattern, regexp: '^A (\\S+): (.*)$' } }, { owner: 'B', background: types });
    await both.prints('checks', 't.ts: t1', 'checked');
    assert.deepEqual(await both.prints('build starts', 'A a.c: e1', 'build is done'), ['A e1', 'B t1']);
    assert.deepEqual(await both.prints('build starts', 'build is done'), ['B t1']);
    assert.deepEqual(await both.prints('checks', 'checked'), []);
  });

  it('of other files stay when the line that begins work names its file', async () => {
    const named = { beginsPattern: { regexp: '^compiling (\\S+)', file: 1 }, endsPattern: '^done' };
    const run = watch({ background: named });
    await run.prints('compiling a.c', 'a.c: e1', 'b.c: e2', 'done');
    assert.deepEqual(await run.prints('compiling a.c', 'done'), ['A e2']);
    assert.deepEqual(await run.prints('compiling b.c', 'done'), []);
  });

  it('are not looked for in lines that begin or end work', async () => {
    const run = watch({ background: { beginsPattern: '^a.c: begins', endsPattern: '^a.c: ends' } });
    assert.deepEqual(await run.prints('a.c: begins', 'b.c: e1', 'a.c: ends'), ['A e1']);
    // These change nothing, so they are lines like others.
    assert.deepEqual(await run.prints('a.c: begins', 'a.c: begins again', 'b.c: e1'), ['A begins again', 'A e1']);
  });

  it('come and go though the line that ends work fits the one that begins it too', async () => {
    for (const [beginsPattern, activeOnStart] of [
      ['.', true],
      ['.', false],
      ['^build', false],
    ] as const) {
      const run = watch({ background: { activeOnStart, beginsPattern, endsPattern: '^build is done' } });
      await run.prints('build starts', 'a.c: e1', 'build is done');
      assert.deepEqual([run.shown.now(), run.done.length], [['A e1'], 1], beginsPattern);
      assert.deepEqual(await run.prints('build starts', 'build is done'), [], beginsPattern);
    }
  });

  it('go when it ends, except what it has found right before', async () => {
    const lines = ['build starts', 'a.c: e1', 'build is done'];
    const run = watch({});
    await run.prints(...lines);
    assert.deepEqual(run.end(0), []);
    const failing = watch({});
    await failing.prints(...lines, 'build starts');
    failing.time += 10_000;
    await failing.prints('b.c: e2');
    assert.deepEqual(failing.end(100), ['A e2']);
    const quiet = watch({});
    await quiet.prints(...lines, 'build starts', 'b.c: e2');
    assert.deepEqual(quiet.end(), []);
  });

  it('are known to be all there as soon as the work of one matcher is done, with what the line says', async () => {
    const serve = { ...cycle, activeOnStart: true, endsPattern: '^listening on (?<port>\\d+)' };
    const run = watch({ background: serve }, { owner: 'B', background: { ...background, activeOnStart: true } });
    await run.prints('build starts', 'listening on 80');
    assert.deepEqual(run.done, [{ port: '80' }]);
    await run.prints('listening on 81', 'build is done');
    assert.deepEqual(run.done, [{ port: '80' }, {}]);
  });

  it('are none of a matcher without a pattern, which tells of the work', async () => {
    const run = watch({ pattern: undefined });
    assert.deepEqual(await run.prints('build starts', 'a.c: e1', 'build is done'), []);
    assert.equal(run.done.length, 1);
  });
});
