import assert from 'node:assert/strict';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';

describe('PATCH of a job that has not started', () => {
  const host = useInProcessHost();
  const held = async (fields: object = {}): Promise<string> =>
    (await host.client.startJob({ argv: ['true'], cwd: '/', held: true, ...fields })).job.id;

  it('edits its command, which counts at once for arrays and schedules too', async () => {
    const array = await held({ array: { tasks: '1-2' } });
    await host.client.updateJob(array, { command: 'echo task {}' });
    await host.client.releaseJob(array);
    await host.client.waitForJob(array);
    const { chunks } = await host.client.getOutput(`${array}:2`);
    assert.equal(chunks.map(({ text }) => text).join(''), 'task 2\n');
    await assert.rejects(host.client.updateJob(array, { command: 'x' }), /It is an|is completed\. Only a job/);

    const { job: schedule } = await host.client.startJob({ argv: ['true'], cwd: '/', cron: '0 3 * * *' });
    await host.client.updateJob(schedule.id, { argv: ['echo', 'nightly'], tags: { of: 'night' } });
    await host.client.releaseJob(schedule.id);
    const [made] = (await host.client.listJobs({ tag: 'of=night', schedule: schedule.id })).jobs;
    assert.deepEqual(made?.argv, ['echo', 'nightly']);
  });

  it('refuses what no new job may have', async () => {
    const id = await held();
    const wrong: [object, RegExp][] = [
      [{ command: 'a', argv: ['b'] }, /give one of command and argv, not both/],
      [{ argv: [''] }, /argv\[0\] must name a program/],
      [{ cwd: 'relative' }, /cwd: "relative" must be an absolute path/],
      [{ cwd: '/missing' }, /\/missing/],
      [{ actor: 'user' }, /give at least one of pinned, name, session, priority, dependsOn, command/],
    ];
    for (const [change, message] of wrong) await assert.rejects(host.client.updateJob(id, change), message);
    assert.deepEqual((await host.client.getJob(id)).argv, ['true']);
  });

  it('lets an agent edit a command only as the user lets it start one', async () => {
    await host.client.updateHost({ agentDeny: ['rm'] });
    const id = await held();
    const change = { argv: ['rm', '-rf', '/x'], actor: 'agent' as const };
    await assert.rejects(host.client.updateJob(id, change), /does not allow agents to run "rm -rf \/x"/);
    await host.client.updateJob(id, { argv: ['echo'], actor: 'agent' });
    assert.deepEqual((await host.client.getJob(id)).argv, ['echo']);
  });
});
