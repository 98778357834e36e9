import assert from 'node:assert/strict';
import { job as jobSchema } from '../../../src/protocol/job.ts';
import { useTools } from '../../helpers/tools.ts';

describe('the tools, for jobs that wait', () => {
  const { server, call, refusal, start } = useTools();

  it('answer at once for a job that waits for its time, and say when that is', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const late = await start({ command: 'true', at, lookMs: 30_000 });
    assert.match(late.text, new RegExp(`^Job \\w+ is scheduled, starts at ${at}\\.\nCommand: true\n`));
    assert.match(late.text, /Next: it starts by itself then, x_kill_job to cancel it .* Do not start it again\.$/);
    const cron = { cron: '30 4 1 1 *', timeZone: 'UTC', name: 'yearly' };
    const schedule = await start({ command: 'true', ...cron, lookMs: 30_000 });
    assert.match(schedule.text, /is scheduled, makes its next job at \d{4}-01-01T04:30:00\.000Z\./);
    assert.match(schedule.text, /x_list_jobs with schedule shows them/);
    await server.client.releaseJob(schedule.job.id);
    const made = await call('list_jobs', { schedule: schedule.job.shortId });
    assert.match(made.text, /^1 job, newest first:\n\w{8} "yearly" /);
    assert.match(await refusal('start_job', { command: 'true', at: 'tomorrow' }), /^invalid_request: at: /);
  });

  it('say why a job waits: for another, for its next attempt', async () => {
    const first = await start({ argv: ['sleep', '600'], lookMs: 0 });
    const second = await start({ argv: ['true'], dependsOn: [{ job: first.job.shortId }], lookMs: 100 });
    const waits = `pending, for job ${first.job.shortId} to complete \\(it is running\\)`;
    assert.match(second.text, new RegExp(`^Job \\w+ is ${waits}\\.\nCommand: true\n`));
    assert.match(second.text, /Next: x_wait_for_job with for "started", x_kill_job to cancel it/);
    assert.match((await call('list_jobs', {})).text, new RegExp(`^\\w{8} ${waits}: true$`, 'm'));
    const again = await start({ command: 'echo no; exit 3', retry: { maxAttempts: 3, delayMs: 300_000 }, lookMs: 200 });
    assert.match(again.text, /^Job \w+ is pending, for attempt 2 of 3, at \d{4}-.*Z\.\n/);
    assert.match(again.text, /\nno\n[^]*Next: x_wait_for_job for the end of its last attempt/);
  });

  it('give back the job that runs already, and say so', async () => {
    const first = await start({ argv: ['sleep', '600'], name: 'dev', lookMs: 0 });
    const { text, job } = await start({ argv: ['sleep', '600'], name: 'dev', unlessRunning: true, lookMs: 0 });
    assert.equal(job.id, first.job.id);
    assert.match(text, /\nIt was there already; nothing was started\.\n/);
  });

  it('hold and change what waits, and say that the queue is paused', async () => {
    await server.client.pauseQueue();
    await server.client.pauseQueue({ session: 'web' });
    const { job } = await start({ argv: ['true'], lookMs: 0 });
    const { text, data } = await call('list_jobs', {});
    assert.match(text, /pending, because the queue is paused: true\n/);
    assert.match(text, /\nThe queue is paused by a person.*\nThe queue of session web is paused\.$/);
    assert.partialDeepStrictEqual(data, { queue: { paused: true, pausedSessions: ['web'] } });
    const changed = await call('update_job', { id: job.shortId, priority: 9 });
    assert.equal(jobSchema.parse(changed.data).priority, 9);
    assert.match(await refusal('update_job', { id: job.shortId, dependsOn: [{ job: job.id }] }), /wait for each other/);
    assert.match(
      (await call('hold_job', { id: job.shortId })).text,
      /is held\.\nNext: it is held until somebody releases/,
    );
    assert.match(await refusal('update_job', { id: job.shortId }), /^invalid_request: give at least one/);
    await server.client.resumeQueue();
    await call('release_job', { id: job.shortId });
    assert.equal((await server.client.waitForJob(job.id)).job.status, 'completed');
  });
});
