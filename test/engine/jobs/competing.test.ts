import assert from 'node:assert/strict';
import type { Job } from '../../../src/api/job.ts';
import type { StartRequest } from '../../../src/api/options.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';

/** With one place: who gets it next. */
describe('the place of a job that ends', () => {
  const untilTold: Partial<StartRequest> = { argv: ['sh', '-c', 'read line'], stdin: { type: 'pipe' } };
  const after = (job: Job): Partial<StartRequest> => ({ dependsOn: [{ job: job.id }] });
  const noting = (test: EngineFixture, name: string, options: Partial<StartRequest> = {}): Promise<Job> =>
    test.sh(`echo ${name} >>order`, options);
  const order = (test: EngineFixture): string[] => test.file('order').trim().split('\n');

  it('is for the more important one, also when it has waited for that very end', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.start(untilTold);
    const low = await noting(test, 'low', { priority: 1 });
    await noting(test, 'next', { priority: 9, ...after(first) });
    await test.engine.sendInput(first.id, { text: '\n' });
    await test.ended(low);
    assert.deepEqual(order(test), ['next', 'low']);
  });

  it('is for the more important one, also when it waits for what is cancelled by that end', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.start(untilTold);
    const low = await noting(test, 'low', { priority: 1 });
    const cancelled = await test.start({ dependsOn: [{ job: first.id, condition: 'succeeded' }] });
    await noting(test, 'cleanup', { priority: 9, dependsOn: [{ job: cancelled.id, condition: 'finished' }] });
    await test.engine.sendInput(first.id, { eof: true });
    await test.ended(low);
    assert.equal((await test.engine.getJob(cancelled.id)).status, 'cancelled');
    assert.deepEqual(order(test), ['cleanup', 'low']);
  });

  it('is not for one that was moved to the front and has had its turn', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.start(untilTold);
    const other = await noting(test, 'other');
    const retry = { maxAttempts: 2, delayMs: 0 };
    const moved = await test.sh('echo moved >>order; exit 3', { retry });
    await test.engine.moveJob(moved.id, { to: 'first' });
    await test.engine.sendInput(first.id, { text: '\n' });
    await test.ended(other);
    await test.ended(moved);
    assert.deepEqual(order(test), ['moved', 'other', 'moved']);
  });
});

describe('jobs that need each other', () => {
  it('are no circle, also by way of one that runs and may be tried again', async () => {
    await using test = await EngineFixture.open();
    const { engine } = test;
    const one = await test.ended(await test.start());
    const two = await test.up('echo up; exec sleep 60', { dependsOn: [{ job: one.id }] });
    await engine.pauseQueue();
    await engine.restartJob(one.id);
    const circle = engine.updateJob(one.id, { dependsOn: [{ job: two.id, condition: 'finished' }] });
    await assert.rejects(circle, failure('invalid_request', /would wait for each other/));
    await engine.killJob(two.id);
    await engine.updateJob(one.id, { dependsOn: [{ job: two.id, condition: 'finished' }] });
    await assert.rejects(engine.restartJob(two.id), failure('invalid_request', /would wait for each other/));
  });

  it('are cancelled one after the other, along a chain of any length', async () => {
    await using test = await EngineFixture.open();
    await test.engine.pauseQueue();
    const first = await test.start();
    let last = first;
    for (let length = 1; length < 1000; length++) last = await test.start({ dependsOn: [{ job: last.id }] });
    await test.engine.killJob(first.id);
    const { status, reason, reasonText } = await test.ended(last);
    assert.deepEqual([status, reason], ['cancelled', 'dependency_failed']);
    assert.match(reasonText ?? '', /^job \w{8} is cancelled$/);
    assert.equal((await test.engine.listJobs({ status: 'cancelled' })).total, 1000);
    assert.ok(test.engine.isIdle());
  });
});
