import assert from 'node:assert/strict';
import { hostScript } from '../../../src/bundles.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';
import { processesWith } from '../../helpers/engine/processes.ts';

const nodeSupervisor = { execPath: process.execPath, args: [hostScript] };

/** The way of Windows, where no shell can supervise a run. */
describe('an engine whose supervisor is Node', () => {
  it('runs, feeds, pauses, adopts and kills jobs as ever', async () => {
    await using test = await EngineFixture.open({}, { nodeSupervisor });
    const failing = await test.sh('echo out; echo err >&2; exit 130');
    const fed = await test.sh('cat; exit 4', { stdin: { type: 'pipe' } });
    const long = await test.up('sleep 60 & echo up; wait');
    const { status, exitCode, signal } = await test.ended(failing);
    assert.deepEqual([status, exitCode, signal], ['failed', 130, null]);
    assert.equal(await test.text(failing, { stream: 'stderr' }), 'err\n');

    await test.says(long, 'up');
    await test.engine.pauseJob(long.id);
    await test.close();
    await test.open();
    await test.engine.sendInput(fed.id, { text: 'all of it', eof: true });
    assert.equal((await test.ended(fed)).exitCode, 4);
    assert.equal(await test.text(fed), 'all of it');

    assert.equal((await test.engine.getJob(long.id)).status, 'paused');
    const killed = await test.engine.killJob(long.id);
    assert.deepEqual([killed.result, killed.escalated, killed.job.signal], ['killed', false, 'SIGTERM']);
    assert.deepEqual(processesWith(test.home), []);
  });

  it('knows what a command has left, and what cannot start', async () => {
    await using test = await EngineFixture.open({}, { nodeSupervisor });
    const job = await test.ended(await test.sh('sleep 61 >/dev/null 2>&1 & exit 3'));
    assert.deepEqual([job.exitCode, job.leftovers[0]?.command], [3, 'sleep 61']);
    assert.equal((await test.engine.killJob(job.id)).leftoversEnded, 1);
    const missing = await test.ended(await test.start({ argv: ['no-such-command'] }));
    assert.equal(missing.error?.code, 'command_not_found');
  });
});
