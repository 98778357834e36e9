import assert from 'node:assert/strict';
import type { Inspection } from '../../src/api/inspection.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs inspect', () => {
  const home = useHome();

  it('shows the live processes of a job, as a document and as a table', async () => {
    const job = await home.run(['--', 'sh', '-c', 'sleep 601 & sh -c "while :; do :; done" & echo up; wait']);
    await home.json(['wait', job.id, '--for', '/up/']);
    const { pid } = await home.reaches(job.id, 'running');

    const { jobId, status, processes, leftovers, totals } = await home.json<Inspection>(['inspect', job.shortId]);
    assert.deepEqual([jobId, status, processes.length, leftovers], [job.id, 'running', 3, []]);
    const busy = processes.find(({ command }) => command === 'sh -c while :; do :; done');
    assert.ok((busy?.cpu ?? 0) > 0, JSON.stringify(processes));
    assert.deepEqual([processes[0]?.pid, busy?.ppid], [pid, pid]);
    assert.deepEqual([totals.processes, totals.threads], [3, 3]);

    const { code, stdout, stderr } = await home.bgjobs(['inspect', job.id]);
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^PID +PPID +STATE +CPU +MEMORY +THREADS +FILES +ELAPSED +COMMAND$/);
    assert.match(stdout, /^\d+ +\d+ +sleeping +0\.0% +[\d.]+ [KM]iB +1 +\d+ +\S.* {2}sleep 601$/m);
    assert.match(stdout, /^\d+ +\d+ +running +[\d.]+% .* {2}sh -c while :; do :; done$/m);
    assert.match(lines.at(-1) ?? '', /^total +[\d.]+% +[\d.]+ [KM]iB +3 +\d+ *$/);
    assert.equal(lines.length, 5);
  });

  it('reports that no process is alive, or the processes that outlived the main process', async () => {
    const held = await home.run(['--hold', '--', 'true']);
    const nothing = await home.bgjobs(['inspect', held.id]);
    assert.deepEqual(nothing, { ...nothing, code: 0, stdout: '' });
    assert.match(nothing.stderr, /the job is held and has no running processes/);

    const script = 'sleep 602 >/dev/null 2>&1 & until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.02; done';
    const ended = await home.ended((await home.run(['--', 'sh', '-c', script])).id);
    const { processes, leftovers } = await home.json<Inspection>(['inspect', ended.id]);
    assert.deepEqual([processes, leftovers[0]?.pid], [[], ended.leftovers[0]?.pid]);
    const left = await home.bgjobs(['inspect', ended.id]);
    assert.match(left.stdout, / {2}sleep 602$/m);
    assert.match(left.stderr, /the job is completed; its main process has ended/);
    await home.json(['kill', ended.id]);
    assert.equal((await home.json<Inspection>(['inspect', ended.id])).totals.processes, 0);
  });

  it('fails for an unknown id', async () => {
    assert.equal((await home.error(3, ['inspect', 'ffffffff'])).code, 'job_not_found');
  });
});
