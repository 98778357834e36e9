import assert from 'node:assert/strict';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';

describe('listing jobs again and again', () => {
  it('shows a job that is only stored', async () => {
    await using test = await EngineFixture.open();
    assert.deepEqual((await test.engine.listJobs()).jobs, []);
    const { id } = await test.sh('true', { held: true });
    assert.deepEqual(
      (await test.engine.listJobs()).jobs.map((job) => job.id),
      [id],
    );
  });

  it('shows every change of jobs that have ended', async () => {
    await using test = await EngineFixture.open();
    const { engine } = test;
    const first = await test.ended(await test.sh('true'));
    const second = await test.ended(await test.sh('exit 3'));
    const list = async () =>
      (await engine.listJobs()).jobs.map(({ id, status, pinned, run }) => [id, status, pinned, run]);
    assert.deepEqual(await list(), [
      [second.id, 'failed', false, 1],
      [first.id, 'completed', false, 1],
    ]);
    assert.deepEqual(await list(), await list());
    await engine.updateJob(first.id, { pinned: true });
    assert.deepEqual(await list(), [
      [second.id, 'failed', false, 1],
      [first.id, 'completed', true, 1],
    ]);
    await engine.restartJob(second.id);
    await engine.waitForJob(second.id, { for: 'exit' });
    assert.deepEqual(await list(), [
      [second.id, 'failed', false, 2],
      [first.id, 'completed', true, 1],
    ]);
    await engine.removeJob(second.id);
    assert.deepEqual(await list(), [[first.id, 'completed', true, 1]]);
    const third = await test.ended(await test.sh('true'));
    assert.deepEqual(await list(), [
      [third.id, 'completed', false, 1],
      [first.id, 'completed', true, 1],
    ]);
  });
});
