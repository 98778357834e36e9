import assert from 'node:assert/strict';
import { useTools } from '../../../helpers/tools.ts';
import { until } from '../../../helpers/until.ts';

describe('the tools, for jobs that wait', () => {
  const { server, call, refusal, start } = useTools();

  it('answer at once for a job that waits for its time, and say when that is', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const late = await start({ command: 'true', at, lookMs: 30_000 });
    assert.match(late.text, new RegExp(`^Job \\w+: scheduled, starts at ${at}\\.\nCommand: true\n`));
    assert.match(late.text, /Next: it starts at that time, x_kill_job to cancel it .* Do not start it again\.$/);
    const cron = { cron: '30 4 1 1 *', timeZone: 'UTC', name: 'yearly' };
    const schedule = await start({ command: 'true', ...cron, lookMs: 30_000 });
    assert.match(schedule.text, /: scheduled, next run at \d{4}-01-01T04:30:00\.000Z\./);
    assert.match(schedule.text, /x_list_jobs with schedule lists them/);
    await server.client.releaseJob(schedule.job.id);
    const made = await call('list_jobs', { schedule: schedule.job.shortId });
    assert.match(made.text, /^1 job, newest first:\n\w{8} "yearly" /);
    assert.match(await refusal('start_job', { command: 'true', at: 'tomorrow' }), /^invalid_request: at: /);
  });

  it('say why a job waits: for another, for its next attempt', async () => {
    const first = await start({ argv: ['sleep', '600'], lookMs: 0 });
    const second = await start({ argv: ['true'], dependsOn: [{ job: first.job.shortId }], lookMs: 100 });
    const waits = `pending, waits for ${first.job.shortId} \\(running\\) to succeed`;
    assert.match(second.text, new RegExp(`^Job \\w+: ${waits}\\.\nCommand: true\n`));
    assert.match(second.text, /Next: x_wait_for_job with for "started", x_kill_job to cancel it/);
    assert.match((await call('list_jobs', {})).text, new RegExp(`^\\w{8} ${waits}: true$`, 'm'));
    const again = await start({ command: 'echo no; exit 3', retry: { maxAttempts: 3, delayMs: 300_000 }, lookMs: 200 });
    assert.match(
      again.text,
      /^Job \w+: pending, attempt 2 of 3 at \d{4}-.*Z; run 1 failed \(exit code 3\) after \S+\.\n/,
    );
    assert.match(again.text, /\nno\n[^]*Next: x_wait_for_job for the end of its last attempt/);
    const tooLong = { command: 'true', retry: { maxAttempts: 2, delayMs: 300_001 } };
    assert.match(await refusal('start_job', tooLong), /^invalid_request: retry\.delayMs: .*300000/);
    const server = { restart: { policy: 'always' }, readyWhen: { file: 'never', timeoutMs: 1 } };
    const { job } = await start({ command: 'exec sleep 600', ...server, lookMs: 30_000 });
    const up = (await call('get_job_status', { id: job.id })).text;
    assert.match(up, /not ready\.[^]*Next: x_wait_for_job for its end/);
  });

  it('report the options of a job, and how each of its runs ended', async () => {
    const first = await start({ argv: ['sleep', '600'], lookMs: 0 });
    const { job } = await start({
      command: 'exit 3',
      priority: 7,
      mutex: 'db',
      retry: { maxAttempts: 7, delayMs: 0 },
      lookMs: 30_000,
    });
    const told = (await call('get_job_status', { id: job.id })).text;
    assert.match(told, /gave up after 7 attempts/);
    assert.match(told, /^Priority: 7\nMutex: db\nRetry: up to 7 attempts, delay 0ms × 2\nStarted by: an agent$/m);
    assert.match(told, /^Earlier runs: 2\nRun 3: failed \(exit code 3\) after \S+, 0 B stdout/m);
    assert.match(told, /^Run 7: failed \(exit code 3\) after \S+, 0 B stdout/m);
    const cron = await start({ command: 'true', cron: '30 4 1 1 *', timeZone: 'UTC', held: true });
    assert.match((await call('get_job_status', { id: cron.job.id })).text, /^Schedule: 30 4 1 1 \* \(UTC\)$/m);
    const changes = { id: cron.job.id, priority: 2, dependsOn: [{ job: first.job.id, condition: 'finished' }] };
    const changed = await call('update_job', changes);
    assert.match(changed.text, new RegExp(`\nPriority: 2\\.\nDepends on: ${first.job.shortId} to end\\.\n`));
  });

  it('do not wait for a schedule, and report the end of a canceled job', async () => {
    const { job } = await start({ command: 'true', cron: '30 4 1 1 *' });
    const refused = await refusal('wait_for_job', { id: job.shortId });
    assert.match(refused, /^invalid_request: .* is a schedule, which never ends\. .*x_list_jobs with schedule/);
    assert.match(
      (await call('kill_job', { id: job.id })).text,
      /^cancelled: job \w+ canceled, it creates no more jobs\.\nNext: x_start_job/,
    );
    assert.match((await call('wait_for_job', { id: job.id })).text, /^Job \w+: canceled/);
    const again = await start({ command: 'exit 3', retry: { maxAttempts: 2, delayMs: 300_000 }, lookMs: 0 });
    await until('it waits', async () => (await server.client.getJob(again.job.id)).waitingFor ?? undefined);
    assert.match((await call('kill_job', { id: again.job.id })).text, /canceled, it will not run\./);
  });

  it('report the state of a job that was killed and requeued', async () => {
    const { job } = await start({ command: 'exec sleep 600', lookMs: 0 });
    await call('wait_for_job', { id: job.id, for: 'started' });
    const { text } = await call('kill_job', { id: job.id, requeue: true });
    assert.match(text, /^killed: [^]*Job \w+: (pending|starting|running)/);
  });

  it('start nothing that agents must not start', async () => {
    const { client, home } = server;
    await client.updateHost({ agentDeny: ['sleep'] });
    const running = (await client.startJob({ command: 'exec sleep 600', cwd: home })).job;
    await client.waitForJob(running.id, { for: 'started' });
    const dependsOn = [{ job: running.id }];
    const { job } = await client.startJob({ argv: ['sleep', '600'], cwd: home, dependsOn });
    const denied = /^policy_denied: .*"sleep"/;
    assert.match(await refusal('update_job', { id: job.id, dependsOn: [] }), denied);
    assert.match(await refusal('kill_job', { id: running.id, requeue: true }), denied);
    assert.match(await refusal('terminate_run', { runId: `${running.id}.1` }), denied);
    assert.match(await refusal('restart_job', { id: running.id }), denied);
    assert.deepEqual([(await client.getJob(job.id)).status, (await client.getJob(running.id)).run], ['pending', 1]);
  });

  it('return the job that is already running, and say so', async () => {
    const first = await start({ argv: ['sleep', '600'], name: 'dev', lookMs: 0 });
    const { text, job } = await start({ argv: ['sleep', '600'], name: 'dev', unlessRunning: true, lookMs: 0 });
    assert.equal(job.id, first.job.id);
    assert.match(text, /\nThis job already exists; no new job was started\.\n/);
  });

  it('hold and change what waits, and say that the queue is paused', async () => {
    await server.client.pauseQueue();
    await server.client.pauseQueue({ session: 'web' });
    const { job } = await start({ argv: ['true'], lookMs: 0 });
    const { text } = await call('list_jobs', {});
    assert.match(text, /pending, the queue is paused: true\n/);
    assert.match(text, /\nA person has paused the queue.*\nThe queue of session web is paused\.$/);
    const changed = await call('update_job', { id: job.shortId, priority: 9 });
    assert.equal(changed.job?.priority, 9);
    assert.match(await refusal('update_job', { id: job.shortId, dependsOn: [{ job: job.id }] }), /wait for each other/);
    assert.match(
      (await call('hold_job', { id: job.shortId })).text,
      /: held\.\nNext: x_release_job, or wait until a person releases it \(/,
    );
    assert.match(
      await refusal('update_job', { id: job.shortId }),
      /^invalid_request: Give priority, dependsOn or both\./,
    );
    await server.client.resumeQueue();
    await call('release_job', { id: job.shortId });
    assert.equal((await server.client.waitForJob(job.id)).job.status, 'completed');
  });
});
