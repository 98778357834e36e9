import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTools } from '../../../helpers/tools.ts';

describe('the tools for agents and arrays', () => {
  const { server, call, refusal } = useTools();

  it('tell how many tasks have ended and failed, and how to look at them', async () => {
    const script = 'if [ {} -lt 3 ]; then echo task {}; exit {}; fi; until [ -e go ]; do sleep 0.02; done';
    const argv = ['sh', '-c', script];
    const { job } = await server.client.startJob({ argv, cwd: server.home, array: { tasks: '1-4' }, session: 'mine' });
    for (const task of [1, 2]) await server.client.waitForJob(`${job.id}:${task}`);
    const counts = '2 of 4 tasks ended, 2 failed';
    const status = await call('get_job_status', { id: job.shortId });
    assert.match(status.text, new RegExp(`^Job ${job.shortId}: running for [^,]+, ${counts}\\.\n`));
    assert.match(status.text, /\nTasks: 2 failed, 2 running\n/);
    assert.match(status.text, new RegExp(`x_list_jobs with array "${job.shortId}" and status "failed,timed_out,lost"`));
    assert.match(
      (await call('list_jobs', {})).text,
      new RegExp(`^1 job, newest first:\n${job.shortId} running for .*, ${counts}`),
    );
    const waited = await call('wait_for_job', { id: job.id, timeoutMs: 1 });
    assert.match(waited.text, new RegExp(`running for [^,]+, ${counts}\\.\n`));
    assert.doesNotMatch(waited.text, /No output/);

    const failed = await call('list_jobs', { array: job.shortId, status: 'failed' });
    assert.match(
      failed.text,
      new RegExp(`^2 tasks:\n${job.shortId}:1 failed \\(exit code 1\\).*\n${job.shortId}:2 failed`),
    );
    assert.match((await call('get_job_output', { id: `${job.shortId}:2` })).text, /task 2/);
    assert.match(await refusal('get_job_output', { id: job.id }), /It is an array\. Name one of its tasks/);
    writeFileSync(join(server.home, 'go'), '');
    const ended = await call('wait_for_job', { id: job.id });
    assert.match(ended.text, /^Job .{8}: failed after [^,]+, 4 of 4 tasks ended, 2 failed\.\n/);
  });
});
