import assert from 'node:assert/strict';
import type { StartRequest } from '../../../src/api/options.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';

const agent = { actor: 'agent' } as const;

describe('the deny list for agents', () => {
  it('keeps an agent from a start, and nothing of it is stored', async () => {
    await using test = await EngineFixture.open();
    await test.engine.updateHost({ agentDeny: ['touch', '/--force\\b/'] });
    const denied: Partial<StartRequest>[] = [
      { command: 'echo a; touch ran' },
      { command: 'echo "$(touch ran)"', shell: '/bin/sh' },
      { argv: ['/usr/bin/touch', 'ran'] },
      { argv: ['sh', '-c', 'to"uch" ran'] },
      { command: 'true --force', held: true },
      { command: 'begin; touch ran; end', shell: 'fish' },
    ];
    for (const request of denied) {
      const cwd = test.home;
      await assert.rejects(
        test.engine.startJob({ cwd, ...request, ...agent, idempotencyKey: 'k' }),
        failure('policy_denied', /pattern "(touch|\/--force\\b\/)"/),
      );
    }
    assert.equal((await test.engine.listJobs()).total, 0);
    assert.equal(test.file('ran'), '');
  });

  it('tells which pattern and which part of the command it is', async () => {
    await using test = await EngineFixture.open();
    await test.engine.updateHost({ agentDeny: ['touch'] });
    const long = 'x'.repeat(1000);
    await assert.rejects(test.start({ command: `true && sudo touch ${long} | cat`, ...agent }), (error) => {
      failure('policy_denied', /"touch x+\.\.\."/)(error);
      const { details } = error as { details: { pattern: string; part: string } };
      assert.equal(details.pattern, 'touch');
      assert.ok(details.part.length < 300);
      return true;
    });
  });

  it('says nothing to what people start, and to what it does not name', async () => {
    await using test = await EngineFixture.open();
    await test.engine.updateHost({ agentDeny: ['touch'] });
    assert.equal((await test.ended(await test.sh('touch ran'))).status, 'completed');
    assert.equal((await test.ended(await test.start({ command: 'echo touch', ...agent }))).status, 'completed');
  });

  it('keeps an agent from a release of what a person has held or scheduled', async () => {
    await using test = await EngineFixture.open();
    const held = await test.start({ command: 'touch ran', held: true });
    const late = await test.start({ command: 'touch ran', at: new Date(Date.now() + 3_600_000).toISOString() });
    await test.engine.updateHost({ agentDeny: ['touch'] });
    for (const { id, status } of [held, late]) {
      await assert.rejects(test.engine.releaseJob(id, agent), failure('policy_denied', /touch/));
      assert.equal((await test.engine.getJob(id)).status, status);
    }
    assert.equal((await test.ended(await test.engine.releaseJob(held.id))).status, 'completed');
  });

  it('keeps an agent from a restart, and leaves alone what runs', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    await test.engine.updateHost({ agentDeny: ['sleep'] });
    await assert.rejects(test.engine.restartJob(job.id, agent), failure('policy_denied', /exec sleep|sleep 60/));
    const { status, run } = await test.engine.getJob(job.id);
    assert.deepEqual([status, run], ['running', 1]);
    assert.equal((await test.engine.restartJob(job.id)).run, 2);
    await test.engine.updateHost({ agentDeny: [] });
    assert.equal((await test.engine.restartJob(job.id, agent)).run, 3);
  });

  it('keeps an agent from putting back what runs, which would be a restart, and not from ending it', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    await test.engine.updateHost({ agentDeny: ['sleep'] });
    const again = { ...agent, requeue: true };
    const denied = failure('policy_denied', /sleep/);
    await assert.rejects(test.engine.killJob(job.id, again), denied);
    await assert.rejects(test.engine.killJobs({ ...again, all: true }), denied);
    await assert.rejects(test.engine.terminateRun(`${job.id}.1`, again), denied);
    const { status, run } = await test.engine.getJob(job.id);
    assert.deepEqual([status, run], ['running', 1]);
    await test.engine.terminateRun(`${job.id}.1`, { ...agent, requeue: false });
    assert.equal((await test.engine.getJob(job.id)).status, 'held');
  });

  it('keeps an agent from changing what a job waits for, and not from changing its priority', async () => {
    await using test = await EngineFixture.open();
    const first = await test.up('echo up; exec sleep 60');
    const job = await test.start({ command: 'touch ran', dependsOn: [{ job: first.id }] });
    await test.engine.updateHost({ agentDeny: ['touch'] });
    await assert.rejects(test.engine.updateJob(job.id, { ...agent, dependsOn: [] }), failure('policy_denied', /touch/));
    const { status, priority } = await test.engine.updateJob(job.id, { ...agent, priority: 9 });
    assert.deepEqual([status, priority], ['pending', 9]);
    await assert.rejects(test.engine.updateJob(job.id, agent), failure('invalid_request', /at least one/));
    await test.engine.updateJob(job.id, { dependsOn: [] });
    assert.equal((await test.ended(job)).status, 'completed');
  });

  it('with a pattern that cannot be read lets agents start nothing, and says which it is', async () => {
    await using test = await EngineFixture.open();
    await test.engine.updateHost({ agentDeny: ['/(/'] });
    await assert.rejects(test.start(agent), failure('policy_denied', /cannot start.*\/\(\//));
    assert.equal((await test.ended(await test.start())).status, 'completed');
  });

  it('is kept by the store', async () => {
    await using test = await EngineFixture.open();
    await test.engine.updateHost({ agentDeny: ['true'] });
    await test.close();
    await test.open();
    assert.deepEqual((await test.engine.getHost()).settings.agentDeny, ['true']);
    await assert.rejects(test.start(agent), failure('policy_denied'));
  });
});
