import assert from 'node:assert/strict';
import { poll } from '../../../../src/engine/readiness/probe.ts';

function signals() {
  const [last, abort] = [new AbortController(), new AbortController()];
  return { last, abort, given: { last: last.signal, abort: abort.signal } };
}

describe('looking again and again', () => {
  it('is quick at first, then gentle, and ends when there is something', async () => {
    const pauses: number[] = [];
    const pause = (ms: number): Promise<void> => Promise.resolve(void pauses.push(ms));
    const look = (): Promise<string | undefined> => Promise.resolve(pauses.length === 12 ? 'here' : undefined);
    assert.equal(await poll(look, signals().given, pause), 'here');
    assert.deepEqual(
      pauses.map((ms) => Math.round(ms)),
      [50, 75, 113, 169, 253, 380, 570, 854, 1000, 1000, 1000, 1000],
    );
  });

  it('looks once more when nothing will come, also when that was told during a look', async () => {
    const { last, given } = signals();
    let looks = 0;
    const look = (): Promise<undefined> => {
      if (++looks === 3) last.abort();
      return Promise.resolve(undefined);
    };
    assert.equal(await poll(look, given, () => Promise.resolve()), undefined);
    assert.equal(looks, 4);
  });

  it('breaks off in a pause', async () => {
    const { abort, given } = signals();
    const pause = (_ms: number, signal: AbortSignal): Promise<void> => {
      const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      abort.abort();
      return ended;
    };
    assert.equal(await poll(() => Promise.resolve(undefined), given, pause), undefined);
  });

  it('goes on after a look that fails', async () => {
    let looks = 0;
    const look = (): Promise<number> => (++looks === 1 ? Promise.reject(new Error('once')) : Promise.resolve(looks));
    assert.equal(await poll(look, signals().given, () => Promise.resolve()), 2);
  });
});
