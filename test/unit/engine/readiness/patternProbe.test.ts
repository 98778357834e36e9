import assert from 'node:assert/strict';
import type { GrowthSource } from '../../../../src/engine/output/runLogs.ts';
import { OutputTracker } from '../../../../src/engine/output/outputTracker.ts';
import { patternProbe } from '../../../../src/engine/readiness/patternProbe.ts';
import { OutputFixture } from '../../../helpers/engine/outputFixture.ts';

describe('a line that is waited for', () => {
  let fixture: OutputFixture;
  let tracker: OutputTracker;
  beforeEach(() => {
    fixture = new OutputFixture();
    const quiet = { onDropped: () => undefined, onUnlimited: () => undefined, onFailure: () => undefined };
    tracker = new OutputTracker(fixture.index, quiet);
    tracker.track(fixture.logs);
  });
  afterEach(async () => {
    await tracker.dispose();
    fixture.dispose();
  });

  const write = (text: string): void => {
    fixture.write('stdout', text, false);
    tracker.observe(1);
  };
  const found = async (pattern: string, growth: GrowthSource = tracker): Promise<unknown[]> => {
    const signal = new AbortController().signal;
    const source = { growth, index: fixture.index, logs: fixture.logs };
    const { text, url } = (await patternProbe(pattern, source, { last: signal, abort: signal })) ?? {};
    return [text, url];
  };

  it('gives its whole address, also where it is written in pieces', async () => {
    write('starting\nListening on http://localhost:51');
    const pieces = ['73/a', 'pp\nand more\n'];
    let looks = 0;
    // Each piece comes when somebody looks whether one comes.
    const growth: GrowthSource = {
      onGrowth(run, listener) {
        const piece = looks++ === 0 ? undefined : pieces.shift();
        if (piece !== undefined) write(piece);
        return tracker.onGrowth(run, listener);
      },
    };
    assert.deepEqual(await found('Listening', growth), [
      'Listening on http://localhost:5173/app',
      'http://localhost:5173/app',
    ]);
  });

  it('need not end', async () => {
    write('see http://localhost:5173/ > ');
    assert.deepEqual(await found('> $'), ['see http://localhost:5173/ >', 'http://localhost:5173/']);
  });
});
