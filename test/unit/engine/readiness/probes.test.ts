import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileProbe, poll } from '../../../../src/engine/readiness/probes.ts';
import { TemporaryFolder } from '../../../helpers/engine/temporaryFolder.ts';

function signals() {
  const [last, abort] = [new AbortController(), new AbortController()];
  return { last, abort, given: { last: last.signal, abort: abort.signal } };
}

describe('poll', () => {
  it('checks often at first, then less often, and ends with the first result', async () => {
    const pauses: number[] = [];
    const pause = (ms: number): Promise<void> => Promise.resolve(void pauses.push(ms));
    const look = (): Promise<string | undefined> => Promise.resolve(pauses.length === 12 ? 'here' : undefined);
    assert.equal(await poll(look, signals().given, pause), 'here');
    assert.deepEqual(
      pauses.map((ms) => Math.round(ms)),
      [50, 75, 113, 169, 253, 380, 570, 854, 1000, 1000, 1000, 1000],
    );
  });

  it('checks once more when the run has ended, also when it ended during a check', async () => {
    const { last, given } = signals();
    let looks = 0;
    const look = (): Promise<undefined> => {
      if (++looks === 3) last.abort();
      return Promise.resolve(undefined);
    };
    assert.equal(await poll(look, given, () => Promise.resolve()), undefined);
    assert.equal(looks, 4);
  });

  it('can be aborted during a pause', async () => {
    const { abort, given } = signals();
    const pause = (_ms: number, signal: AbortSignal): Promise<void> => {
      const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      abort.abort();
      return ended;
    };
    assert.equal(await poll(() => Promise.resolve(undefined), given, pause), undefined);
  });

  it('continues after a check that failed', async () => {
    let looks = 0;
    const look = (): Promise<number> => (++looks === 1 ? Promise.reject(new Error('once')) : Promise.resolve(looks));
    assert.equal(await poll(look, signals().given, () => Promise.resolve()), 2);
  });
});

describe('fileProbe, on a system whose clock is slow', () => {
  for (const before of [undefined, 'of the last run']) {
    it(`makes a run ready when it is ${before === undefined ? 'made' : 'changed'} between two looks`, async () => {
      using folder = new TemporaryFolder();
      const path = join(folder.path, 'up');
      if (before !== undefined) writeFileSync(path, before);
      const [last, abort] = [new AbortController().signal, new AbortController().signal];
      const obstacles: string[] = [];
      let looks = 0;
      const found = await fileProbe(
        // By this clock the run starts in an hour, and so every file is an old one.
        { path, startedAt: Date.now() + 3_600_000, onObstacle: (text) => obstacles.push(text) },
        { last, abort },
        () => {
          looks++;
          if (looks === 3) writeFileSync(path, 'of this one, which is longer');
          return Promise.resolve();
        },
      );
      assert.deepEqual([found?.text, looks], [`${path} exists`, 3]);
      assert.equal(obstacles.length, before === undefined ? 0 : 1);
    });
  }
});
