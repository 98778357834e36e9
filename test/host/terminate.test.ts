import assert from 'node:assert/strict';
import { homeFiles, readHostRecord, type HostRecord } from '../../src/dataDir/dataDir.ts';
import type { TerminateResult, WaitResult } from '../../src/api/control.ts';
import type { Job, Run } from '../../src/api/job.ts';
import { processesOf, useHome, type ErrorDocument } from '../helpers/cli.ts';
import { ask } from '../helpers/http.ts';

describe('POST /v1/runs/{runId}/terminate', () => {
  const home = useHome();
  const record = (): HostRecord => {
    const found = readHostRecord(homeFiles(home.path).record);
    assert.ok(found);
    return found;
  };
  const up = async (script: string, ...options: string[]): Promise<Job> => {
    const job = await home.run([...options, '--', 'sh', '-c', script]);
    await home.json(['wait', job.id, '--for', '/up/']);
    return job;
  };
  const sleeper = (): Promise<Job> => up('echo up; exec sleep 600');
  const terminate = async <T>(runId: string, body?: object): Promise<{ status: number; value: T }> => {
    const question = body && { body: JSON.stringify(body) };
    const answer = await ask(record(), 'POST', `/v1/runs/${runId}/terminate`, question);
    return { status: answer.status, value: JSON.parse(answer.body) as T };
  };
  const refused = async (runId: string, body?: object): Promise<[number, string]> => {
    const { status, value } = await terminate<ErrorDocument>(runId, body);
    return [status, value.error.code];
  };

  it('answers 200 when the run is dead and its job back in the queue; the body may be empty', async () => {
    const job = await sleeper();
    const { status, value } = await terminate<TerminateResult>(`${job.id}.1`);
    assert.equal(status, 200);
    const { ok, run_id, job_id, result, signal, escalated, survivors } = value;
    assert.deepEqual([ok, run_id, job_id], [true, `${job.id}.1`, job.id]);
    assert.deepEqual([result, signal, escalated, survivors], ['killed', 'SIGTERM', false, []]);
    assert.ok(value.durationMs >= 0);
    assert.deepEqual(processesOf(`${job.id}.1`), []);
    const again = await home.reaches(job.id, 'running');
    assert.deepEqual(
      again.runs.map((run) => run.status),
      ['killed', 'running'],
    );
  });

  it('lets the job run again in the environment of whoever started it', async () => {
    const line = ['run', '--', 'sh', '-c', 'echo "<$CALLER> up"; exec sleep 600'];
    const { id } = await home.json<Job>(line, { env: { CALLER: 'me' } });
    await home.json(['wait', id, '--for', '/up/']);
    await terminate(`${id}.1`);
    const { match, job } = await home.json<WaitResult>(['wait', id, '--for', '/up/']);
    await home.json(['kill', id]);
    assert.deepEqual([match, job.run], ['<me> up', 2]);
  });

  it('keeps the reason, and holds the job where it is not to be queued', async () => {
    const job = await sleeper();
    const { value } = await terminate<TerminateResult>(`${job.id}.1`, { reason: 'wrong data', requeue: false });
    assert.equal(value.job.status, 'held');
    const held = await home.json<Job>(['status', job.id]);
    const [run] = held.runs;
    assert.deepEqual(
      [held.status, run?.status, run?.reason, run?.reasonText],
      ['held', 'killed', 'user', 'wrong data'],
    );
    await home.json(['release', job.id]);
    assert.equal((await home.reaches(job.id, 'running')).run, 2);
  });

  it('answers 404 for a run that does not exist', async () => {
    const job = await sleeper();
    for (const runId of [`${job.id}.2`, job.id, 'ffffffff-0000.1']) {
      assert.deepEqual(await refused(runId), [404, 'run_not_found']);
    }
  });

  it('answers 409 for a run that has ended, was followed by a newer one, or is being stopped', async () => {
    const ended = await home.ended((await home.run(['--', 'sh', '-c', 'exit 5'])).id);
    assert.deepEqual(await refused(`${ended.id}.1`, { reason: 'late' }), [409, 'job_already_ended']);
    assert.deepEqual(await home.json(['status', ended.id]), ended);

    const job = await sleeper();
    await home.json(['restart', job.id]);
    assert.deepEqual(await refused(`${job.id}.1`), [409, 'run_superseded']);
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');

    const stopped = await up('trap "" TERM; echo up; while :; do sleep 0.05; done', '--grace', '10m');
    await home.json(['kill', stopped.id, '--no-wait']);
    assert.deepEqual(await refused(`${stopped.id}.1`), [409, 'invalid_state']);
    await home.json(['kill', stopped.id, '--signal', 'KILL']);
  });

  it('answers 400 for what it does not understand', async () => {
    const job = await sleeper();
    assert.deepEqual(await refused(`${job.id}.1`, { requeue: 'yes' }), [400, 'invalid_request']);
    assert.deepEqual(await refused(`${job.id}.1`, { signal: 'KILL' }), [400, 'invalid_request']);
  });
});

describe('a run being terminated when the job host is killed', () => {
  const home = useHome();

  for (const [requeue, next] of [
    [true, 'running'],
    [false, 'held'],
  ] as const) {
    it(`is dead in the end, and its job ${next}`, async () => {
      const script = 'trap "" TERM; echo up; while :; do sleep 0.05; done';
      const job = await home.run(['--grace', '2s', '--', 'sh', '-c', script]);
      await home.json(['wait', job.id, '--for', '/up/']);
      const record = readHostRecord(homeFiles(home.path).record);
      assert.ok(record);
      const body = JSON.stringify({ reason: 'mine', requeue });
      const asked = ask(record, 'POST', `/v1/runs/${job.id}.1/terminate`, { body });
      const broken = assert.rejects(asked, /ECONNRESET|socket hang up/);
      await home.reaches(job.id, 'stopping');
      process.kill(record.pid, 'SIGKILL');
      await broken;
      const after = await home.reaches(job.id, next);
      assert.deepEqual(processesOf(`${job.id}.1`), []);
      const [first] = after.runs as [Run];
      assert.deepEqual(
        [first.status, first.signal, first.reason, first.reasonText],
        ['killed', 'SIGKILL', 'user', 'mine'],
      );
      if (next === 'held') {
        assert.equal(after.run, 1);
        await home.json(['release', job.id]);
        assert.equal((await home.reaches(job.id, 'running')).run, 2);
      }
    });
  }
});
