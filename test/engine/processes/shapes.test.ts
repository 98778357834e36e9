import assert from 'node:assert/strict';
import { createProcessTable } from '../../../src/processes/platform.ts';
import type { ProcessTable } from '../../../src/processes/runTree.ts';
import { killTree, type KillOutcome } from '../../../src/processes/killTree.ts';
import { shapes, type Shape } from '../../helpers/engine/treeShapes.ts';
import { SupervisedRun } from '../../helpers/engine/supervisedRun.ts';

describe('killTree leaves nobody', () => {
  const table = createProcessTable();

  for (const shape of shapes) {
    it(`of ${shape.name}, with TERM`, () => endByTerm(table, shape));

    it(`of ${shape.name}, with KILL`, async () => {
      await using run = await started(table, shape);
      const outcome = await killTree(table, run.target, { signal: 'SIGKILL', graceMs: 0 });
      assertEnded(run, outcome, shape.exit === 0 ? 0 : 137);
      assert.equal(outcome.escalated, false);
    });
  }
});

describe('killTree leaves nobody where there is ps but no /proc', () => {
  const table = createProcessTable('freebsd');

  // Not the storms: the ps of Linux looks at one process after the other, and misses what moves.
  for (const shape of shapes.filter(({ name }) => !name.startsWith('a fork storm'))) {
    it(`of ${shape.name}`, () => endByTerm(table, shape));
  }
});

async function endByTerm(table: ProcessTable, shape: Shape): Promise<void> {
  const { exit, escalates = exit === 137 } = shape;
  await using run = await started(table, shape);
  const outcome = await killTree(table, run.target, { signal: 'SIGTERM', graceMs: escalates ? 1000 : 30_000 });
  assertEnded(run, outcome, exit);
  assert.equal(outcome.escalated, escalates);
}

function assertEnded(run: SupervisedRun, { survivors, ended }: KillOutcome, exit: number): void {
  assert.deepEqual(run.alive(), []);
  assert.equal(run.exit, exit);
  assert.deepEqual(survivors, []);
  assert.ok(ended > 0);
}

function started(table: ProcessTable, { command, ready }: Shape): Promise<SupervisedRun> {
  const isReady = typeof ready === 'number' ? (run: SupervisedRun) => run.sleepers().length === ready : ready;
  return SupervisedRun.start(command, isReady, { table });
}
