import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileProbe } from '../../../../src/engine/readiness/probe.ts';
import { TemporaryFolder } from '../../../helpers/engine/temporaryFolder.ts';

describe('a file on a system whose clock is behind', () => {
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
