import assert from 'node:assert/strict';
import { findLeftovers } from '../../../src/processes/findOrphans.ts';
import { findTree } from '../../../src/processes/findTree.ts';
import { createProcessTable, type ProcessTable } from '../../../src/processes/processTable.ts';
import { stopTree } from '../../../src/processes/stopTree.ts';
import { SupervisedRun } from '../../helpers/engine/supervisedRun.ts';

const table = createProcessTable();

describe('findLeftovers', () => {
  it('finds what outlives the main process, of many runs by one scan', async () => {
    await using leavesSession = await ended('setsid SLEEP >/dev/null 2>&1 &', 1);
    await using leavesTwo = await ended('SLEEP & SLEEP &', 2);
    await using leavesNobody = await ended(':', 0);
    let scans = 0;
    const counting: ProcessTable = { ...table, look: (since) => (scans++, table.look(since)) };
    const runs = [leavesSession, leavesTwo, leavesNobody];
    const found = await findLeftovers(
      counting,
      runs.map((run) => run.target),
    );
    assert.equal(scans, 1);
    assert.deepEqual([...found.keys()], [leavesSession.runId, leavesTwo.runId]);
    for (const run of [leavesSession, leavesTwo]) {
      const told = found.get(run.runId)!.map(({ pid, command }) => ({ pid, command }));
      assert.deepEqual(
        told.sort((a, b) => a.pid - b.pid),
        run.alive().map(({ pid, command }) => ({ pid, command })),
      );
    }
  });

  it('finds a group in which nobody bears the mark or writes the logs right after the end, and whom it has seen later', async () => {
    await using run = await ended('env -i /bin/SLEEP >/dev/null 2>&1 &', 1);
    assert.equal((await findLeftovers(table, [run.target])).size, 0);
    const [leftover] = (await findLeftovers(table, [{ ...run.target, justEnded: true }])).get(run.runId)!;
    assert.equal(leftover!.pid, run.sleepers()[0]!.pid);
    const seen = [table.identify(leftover!.pid)!];
    const outcome = await stopTree(table, { ...run.target, seen }, { signal: 'SIGTERM', graceMs: 30_000 });
    assert.deepEqual([outcome.ended, run.alive()], [1, []]);
  });

  it('does not tell of holders', async () => {
    await using run = await ended('kill -KILL $PPID', 0, { holder: true });
    assert.equal((await findLeftovers(table, [run.target])).size, 0);
    await stopTree(table, run.target, { signal: 'SIGKILL', graceMs: 0 });
    assert.deepEqual(run.alive(), []);
  });
});

describe('findTree', () => {
  it('tells the processes of a command by their command lines, newest first, and no others', async () => {
    await using run = await SupervisedRun.start(
      (seconds) => ['sh', '-c', `sleep ${seconds} & wait`],
      (started) => started.sleepers().length === 1,
      { holder: true },
    );
    const [sleeper] = run.sleepers();
    const tree = await findTree(table, run.target);
    assert.deepEqual(
      tree.map(({ command }) => command),
      [sleeper!.command, `sh -c ${sleeper!.command} & wait`],
    );
  });
});

/** A shell command that has ended, and so many sleepers that it has left. */
function ended(script: string, count: number, options = {}): Promise<SupervisedRun> {
  return SupervisedRun.start(
    (seconds) => ['sh', '-c', script.replaceAll('SLEEP', `sleep ${seconds}`)],
    (run) => run.sleepers().length === count && !table.isAlive(run.target.supervisor!),
    options,
  );
}
