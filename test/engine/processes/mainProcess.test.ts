import assert from 'node:assert/strict';
import { mainProcessOf } from '../../../src/engine/hooks/mainProcess.ts';
import { createProcessTable } from '../../../src/processes/platform.ts';
import { SupervisedRun, until } from '../../helpers/engine/supervisedRun.ts';

const tables = { '/proc': createProcessTable('linux'), ps: createProcessTable('freebsd') };

describe('mainProcessOf', () => {
  for (const [source, table] of Object.entries(tables)) {
    it(`is the command itself, not the holder, and nobody after its end (by ${source})`, async () => {
      await using run = await SupervisedRun.start(
        (seconds) => ['sleep', seconds],
        (started) => started.sleepers().length === 1,
        { table, holder: true, stuck: true },
      );
      const supervisor = run.target.supervisor!;
      const main = mainProcessOf(table, supervisor)!;
      assert.equal(main, run.sleepers()[0]!.pid);
      process.kill(main, 'SIGTERM');
      await until(() => run.exit === 143);
      assert.equal(mainProcessOf(table, supervisor), undefined);
    });
  }

  it('is never a holder, not even one that is just being started', async () => {
    const table = createProcessTable();
    await using run = await SupervisedRun.start(
      (seconds) => ['sleep', seconds],
      () => true,
      { holder: true },
    );
    let main: number | undefined;
    // Without a pause, to hit the moments in between.
    const deadline = performance.now() + 20_000;
    while (main === undefined && performance.now() < deadline) main = mainProcessOf(table, run.target.supervisor!);
    await until(() => run.sleepers().length === 1);
    assert.equal(main, run.sleepers()[0]!.pid);
  });
});
