import assert from 'node:assert/strict';
import { killTree, pauseTree, resumeTree } from '../../../src/processes/killTree.ts';
import { createProcessTable } from '../../../src/processes/platform.ts';
import { isRaging, storm } from '../../helpers/engine/treeShapes.ts';
import { SupervisedRun, until } from '../../helpers/engine/supervisedRun.ts';

const table = createProcessTable();

describe('pauseTree and resumeTree', () => {
  it('stop everybody but the supervisor and its holder, and let them go on', async () => {
    await using run = await SupervisedRun.start(
      (seconds) => ['sh', '-c', `setsid sleep ${seconds} & while :; do echo on; sleep 0.01; done`],
      (started) => started.sleepers().length === 1 && started.stdout.length > 0,
      { holder: true },
    );
    await pauseTree(table, run.target);
    const [stopped, others] = byState(run);
    assert.ok(
      stopped.some((command) => command.startsWith('sleep 1')) &&
        stopped.some((command) => command.startsWith('sh -c setsid')),
    );
    assert.deepEqual(others.map((command) => command.slice(0, 12)).sort(), ['sh -c trap :', 'sleep 300000']);
    const written = run.stdout.length;

    await resumeTree(table, run.target);
    await until(() => run.stdout.length > written && byState(run)[0].length === 0);
  });

  it('catch what forks all the time', async () => {
    await using run = await SupervisedRun.start(storm('POSIX::setsid();'), isRaging);
    await pauseTree(table, run.target);
    const [stopped, others] = byState(run);
    // A parent that has forked and not yet exited may be among them.
    assert.deepEqual([stopped.length === 2 || stopped.length === 3, others.length], [true, 1], stopped.join('\n'));
  });

  it('stop a shell in the moment in which it starts a program', async () => {
    await using run = await SupervisedRun.start(
      (seconds) => ['sh', '-c', `sleep ${seconds} & while :; do /bin/true; done`],
      (started) => started.sleepers().length === 1,
    );
    for (let turn = 0; turn < 8; turn++) {
      await pauseTree(table, run.target);
      const [, others] = byState(run);
      assert.equal(others.length, 1, others.join('\n'));
      await resumeTree(table, run.target);
    }
  });

  it('leave a tree that can be killed by TERM', async () => {
    await using run = await SupervisedRun.start(
      (seconds) => ['sleep', seconds],
      (started) => started.sleepers().length === 1,
    );
    await pauseTree(table, run.target);
    const outcome = await killTree(table, run.target, { signal: 'SIGTERM', graceMs: 30_000 });
    assert.deepEqual([run.alive(), run.exit, outcome.escalated], [[], 143, false]);
  });

  it('are refused where the platform has no such thing', async () => {
    const target = { runId: 'run.1', supervisor: null, logs: [] };
    await assert.rejects(pauseTree({ ...table, canPause: false }, target), { code: 'invalid_request' });
    await assert.rejects(resumeTree({ ...table, canPause: false }, target), { code: 'invalid_request' });
  });
});

/** Commands of the stopped and of the others. */
function byState(run: SupervisedRun): [string[], string[]] {
  const { stopped = [], others = [] } = Object.groupBy(run.alive(), ({ stat }) =>
    stat.startsWith('T') ? 'stopped' : 'others',
  );
  return [stopped.map(({ command }) => command), others.map(({ command }) => command)];
}
