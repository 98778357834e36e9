import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isEnded } from '../../../src/api/values.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';

describe("a coding agent's events", () => {
  it('are all told when the run is said to have ended, whoever asks while it ends', async () => {
    await using test = await EngineFixture.open();
    // Its last line has no newline: it becomes an event when the run has ended.
    const script = `#!/bin/sh
      echo '{"type":"thread.started","thread_id":"t"}'
      until [ -e "$GATE" ]; do sleep 0.02; done
      printf '{"type":"turn.completed"}'`;
    writeFileSync(test.path('codex'), script, { mode: 0o755 });

    for (let round = 0; round < 8; round++) {
      const gate = test.path(`gate-${round}`);
      const { job } = await test.engine.startJob({
        codingAgent: { name: 'codex', prompt: 'x' },
        cwd: test.home,
        env: { PATH: `${test.home}:${process.env['PATH']}`, TEST_HOME: test.home, GATE: gate },
      });
      let answers = 0;
      const lastEvent = async (since: number): Promise<string | undefined> => {
        for (;;) {
          const { events, more, status } = await test.engine.getRunEvents(`${job.id}.1`, { since });
          if (isEnded(status) && !more) return events.at(-1)?.type;
          if (++answers === 1000) writeFileSync(gate, '');
          await nextTurn();
        }
      };
      const told = await Promise.all(Array.from({ length: 64 }, (_, index) => lastEvent(index % 2)));
      assert.deepEqual(new Set(told), new Set(['result']));
    }
  });
});
