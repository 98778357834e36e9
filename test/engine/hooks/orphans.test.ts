import assert from 'node:assert/strict';
import type { Job } from '../../../src/api/job.ts';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { parentOf, processesWith, stateOf } from '../../helpers/engine/processes.ts';

/** The streams of what stays are elsewhere, and it has the command line of `sleep` before the main process ends. */
const untilItSleeps = (command: string): string =>
  `until [ "$(tr '\\0' ' ' </proc/$!/cmdline)" = '${command} ' ]; do sleep 0.02; done`;
const inTheGroup = `sleep 61 >/dev/null 2>&1 & ${untilItSleeps('sleep 61')}; exit 3`;
const inItsOwnSession = `setsid sleep 62 >/dev/null 2>&1 & ${untilItSleeps('sleep 62')}`;

/** The job has ended, and what it left is known. */
function withLeftovers(test: EngineFixture, { id }: Job, count = 1): Promise<Job> {
  return until(`${count} processes of ${id} are known`, async () => {
    const job = await test.engine.getJob(id);
    return job.finishedAt !== null && job.leftovers.length === count ? job : undefined;
  });
}

describe('what outlives the main process', () => {
  it('is said at the end of the job, and stays', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.sh(inTheGroup));
    assert.deepEqual([job.status, job.exitCode, job.leftovers.length], ['failed', 3, 1]);
    const [left] = job.leftovers;
    assert.equal(left?.command, 'sleep 61');
    assert.notEqual(stateOf(left.pid), undefined);
    assert.deepEqual(job.runs[0]?.leftovers, job.leftovers);
    const [event] = test.events(job).filter(({ type }) => type === 'leftovers');
    assert.equal(event?.text, '1');
  });

  it('is found though it has left the session', async () => {
    await using test = await EngineFixture.open();
    // The first end is looked at at once; the others of the same second are looked at together.
    const jobs = await Promise.all([1, 2, 3].map(() => test.sh(inItsOwnSession, { session: 'a' })));
    for (const job of jobs) {
      const { status, leftovers } = await withLeftovers(test, job);
      assert.deepEqual([status, leftovers[0]?.command], ['completed', 'sleep 62']);
    }
  });

  it('is forgotten when it ends by itself', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.sh(inTheGroup));
    process.kill(job.leftovers[0]!.pid, 'SIGKILL');
    assert.deepEqual((await withLeftovers(test, job, 0)).leftovers, []);
    assert.equal(test.events(job).filter(({ type }) => type === 'leftovers').length, 2);
  });

  it('is ended by kill, which changes nothing else', async () => {
    await using test = await EngineFixture.open();
    for (const script of [inTheGroup, inItsOwnSession]) {
      const job = await withLeftovers(test, await test.sh(script));
      await assert.rejects(
        test.engine.removeJob(job.id),
        failure('invalid_state', /1 of its processes are still alive/),
      );
      // What only informs ends nobody.
      const informed = await test.engine.killJob(job.id, { signal: 'USR1' });
      assert.deepEqual([informed.result, informed.leftoversEnded], ['already_terminated', 0]);
      assert.equal(processesWith(test.home).length, 1);

      const answer = await test.engine.killJob(job.id, { reason: 'late' });
      assert.deepEqual(
        [answer.result, answer.leftoversEnded, answer.signal, answer.escalated, answer.survivors],
        ['already_terminated', 1, 'SIGTERM', false, []],
      );
      assert.deepEqual(answer.job, { ...job, leftovers: [], runs: [{ ...job.runs[0], leftovers: [] }] });
      assert.deepEqual(processesWith(test.home), []);
      await test.engine.removeJob(job.id);
    }
  });

  it('is ended without being asked, if the job says so', async () => {
    await using test = await EngineFixture.open();
    for (const script of [inTheGroup, inItsOwnSession]) {
      const job = await test.sh(script, { leftovers: 'kill' });
      await test.ended(job);
      await until('nothing is left', () => (processesWith(test.home).length === 0 ? true : undefined));
      assert.deepEqual((await withLeftovers(test, job, 0)).leftovers, []);
    }
  });

  it('is ended without being asked, though the job runs again already', async () => {
    await using test = await EngineFixture.open();
    // The first end uses up this second's look at all processes, so that the next has to wait for one.
    await test.ended(await test.start());
    const once = `[ -e there ] && exec sleep 60; echo >there; ${inItsOwnSession}`;
    const job = await test.sh(once, { leftovers: 'kill' });
    await test.ended(job);
    assert.equal((await test.engine.restartJob(job.id)).run, 2);
    await until('the first run has left nothing', () =>
      processesWith(`BGJOBS_RUN_ID=${job.id}.1`).length === 0 ? true : undefined,
    );
    assert.equal((await test.engine.getJob(job.id)).status, 'running');
  });

  it('is looked for and ended by the next host, when the one that saw the end has had no time for it', async () => {
    await using test = await EngineFixture.open();
    // As above: of the others it is known only later what they have left.
    await test.ended(await test.start());
    const [kept, ended] = [await test.sh(inItsOwnSession), await test.sh(inItsOwnSession, { leftovers: 'kill' })];
    for (const job of [kept, ended]) await test.ended(job);
    await test.close();
    await test.open();
    assert.equal((await withLeftovers(test, kept)).leftovers[0]?.command, 'sleep 62');
    await until('the other has left nothing', () =>
      processesWith(`BGJOBS_RUN_ID=${ended.id}.1`).length === 0 ? true : undefined,
    );
    await test.close();
    await test.open();
    assert.equal((await test.engine.getJob(kept.id)).leftovers.length, 1);
  });

  it('is told of a job whose supervisor was killed, which is lost', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 63');
    process.kill(parentOf(job.pid!)!, 'SIGKILL');
    const lost = await test.ended(job);
    assert.deepEqual([lost.status, lost.reason, lost.exitCode, lost.signal], ['lost', 'supervisor_lost', null, null]);
    assert.deepEqual((await withLeftovers(test, lost)).leftovers, [{ pid: job.pid, command: 'sleep 63' }]);
    assert.equal((await test.engine.killJob(job.id)).leftoversEnded, 1);
    assert.deepEqual(processesWith(test.home), []);
  });

  it('is not cleaned up', async () => {
    await using test = await EngineFixture.open();
    const job = await withLeftovers(test, await test.sh(inTheGroup));
    assert.deepEqual(await test.engine.cleanUp(), { cleaned: 0, remaining: 1 });
    await test.engine.killJob(job.id);
    assert.deepEqual(await test.engine.cleanUp(), { cleaned: 1, remaining: 0 });
  });
});
