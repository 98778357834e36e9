import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { doctorReport } from '../../src/api/inspection.ts';
import type { Job } from '../../src/api/job.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { processesOf, useHome } from '../helpers/cli.ts';
import { diagnose, found, isAlive, leaving, leftOf, markOf, parentOf, useChildren } from '../helpers/doctor.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs doctor', () => {
  // Put away first: what its host has inherited names the other one.
  const other = useHome();
  const home = useHome();
  const start = useChildren();

  /** A process with the mark of a run. */
  async function marked(runId: string, options: { uid?: number; home?: string } = {}): Promise<number> {
    const { home: path = home.path, ...user } = options;
    const env = markOf(path, runId);
    return Number((await start('sleep', ['600'], { env, stdio: 'ignore', detached: true, cwd: '/', ...user })).pid);
  }

  it('finds no problem before the first job, and creates nothing', async () => {
    const { code, checks, processes } = await diagnose(home);
    assert.deepEqual(
      checks.filter(({ status }) => status !== 'ok'),
      [],
    );
    assert.equal(code, 0);
    assert.deepEqual(
      processes.filter(({ isOfThisStore }) => isOfThisStore),
      [],
    );
    assert.equal((await home.json<{ running: boolean }>(['host', 'status'])).running, false);
  });

  it('reports its checks while a host works', async () => {
    await home.run(['--', 'sleep', '600']);
    const { code, stdout } = await home.bgjobs(['doctor']);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^ok {7}Node \d+/m);
    assert.match(stdout, /^ok {7}The job host is running: process \d+/m);
    assert.match(stdout, /^ok {7}1 run under way$/m);
    assert.match(stdout, /^ok {7}No process of an earlier run is alive/m);
  });

  it('finds and ends orphans that left the session, and no process of an active run', async () => {
    const live = await home.run(['--', 'sh', '-c', 'setsid sleep 600 & echo up; wait']);
    await home.json(['wait', live.id, '--for', '/up/']);
    const { job, pid } = await leaving(home, 601);
    const report = await diagnose(home);
    assert.deepEqual([report.code, found(report, 'leftovers')?.status], [1, 'warning']);
    const [left, ...more] = leftOf(report, job);
    assert.deepEqual(more, []);
    assert.ok(left?.memory && left.startedAt);
    const { command, runId, jobStatus, belongsTo, isOfThisStore, keptBecause, outcome } = left;
    assert.deepEqual(
      { command, runId, jobStatus, belongsTo, isOfThisStore, keptBecause, outcome },
      {
        command: 'sleep 601',
        runId: `${job.id}.1`,
        jobStatus: 'completed',
        belongsTo: 'ended_run',
        isOfThisStore: true,
        keptBecause: null,
        outcome: 'kept',
      },
    );
    assert.deepEqual(leftOf(report, live), []);
    assert.match((await home.bgjobs(['doctor'])).stdout, new RegExp(`^${pid} .* now completed +sleep 601$`, 'm'));

    const livePids = processesOf(`BGJOBS_RUN_ID=${live.id}.1`);
    for (const one of livePids) {
      const error = await home.error(2, ['doctor', '--end', String(pid), String(one)]);
      assert.match(error.message, new RegExp(`Process ${one} is not left over from a run`));
    }
    assert.ok(isAlive(pid));

    const ended = await diagnose(home, '--end');
    assert.deepEqual([ended.code, leftOf(ended, job).map((each) => each.outcome)], [0, ['ended']]);
    assert.ok(!isAlive(pid));
    assert.deepEqual(processesOf(`BGJOBS_RUN_ID=${live.id}.1`), livePids);
    assert.deepEqual((await home.json<Job>(['status', job.id])).leftovers, []);
    await home.json(['kill', live.id]);
  });

  it('ends the named processes, and spares their siblings and descendants', async () => {
    const { job, pid } = await leaving(home, 602);
    const kept = await marked(`${job.id}.1`);
    const report = await diagnose(home, '--end', String(pid));
    const outcomes = new Map(leftOf(report, job).map((each) => [each.pid, each.outcome]));
    assert.deepEqual([outcomes.get(pid), outcomes.get(kept), report.code], ['ended', 'kept', 1]);
    assert.deepEqual([isAlive(pid), isAlive(kept)], [false, true]);
  });

  it('finds what a killed supervisor left behind', async () => {
    const job = await home.run(['--', 'sh', '-c', 'echo up; exec sleep 603']);
    await home.json(['wait', job.id, '--for', '/up/']);
    const { pid } = await home.reaches(job.id, 'running');
    const supervisor = await parentOf(pid);
    process.kill(supervisor, 'SIGKILL');
    await home.reaches(job.id, 'lost');
    const report = await diagnose(home, '--end', String(pid));
    assert.deepEqual(
      leftOf(report, job).map((each) => [each.pid, each.jobStatus, each.outcome]),
      [[pid, 'lost', 'ended']],
    );
  });

  it('reports runs without a supervisor when the host was killed too', async () => {
    const job = await home.run(['--', 'sh', '-c', 'echo up; exec sleep 604']);
    await home.json(['wait', job.id, '--for', '/up/']);
    const { pid } = await home.reaches(job.id, 'running');
    const supervisor = await parentOf(pid);
    process.kill((await home.json<{ pid: number }>(['host', 'status'])).pid, 'SIGKILL');
    process.kill(supervisor, 'SIGKILL');
    const report = await until('both are dead', async () => {
      const next = await diagnose(home);
      return found(next, 'runs')?.status === 'warning' ? next : undefined;
    });
    assert.match(found(report, 'runs')?.summary ?? '', new RegExp(`${job.id}\\.1`));
    // Until a host has recorded the end, the run counts as under way.
    assert.deepEqual(leftOf(report, job), []);
    await home.json(['host', 'start']);
    await home.reaches(job.id, 'lost');
    assert.deepEqual(
      leftOf(await diagnose(home, '--end'), job).map((each) => each.outcome),
      ['ended'],
    );
  });

  it('ends neither the processes it runs in nor a job host that a leftover started', async () => {
    const cli = `"${process.execPath}" "${await bundledCli()}"`;
    // Sessions of their own: what is in the doctor's group is not looked at at all.
    const client = `BGJOBS_HOME="${other.path}" setsid ${cli} run --wait -- sh -c "echo up; exec sleep 608" >up`;
    const script = `setsid sh -c '${client} & until [ -s up ] && [ -e go ]; do sleep 0.05; done
      setsid --wait ${cli} doctor --end --json >out; echo >done; sleep 600' >/dev/null 2>&1 &`;
    const job = await home.ended((await home.run(['--', 'sh', '-c', script])).id);
    writeFileSync(`${home.path}/go`, '');
    await until('the doctor has been there', () => existsSync(`${home.path}/done`) || undefined);
    const left = leftOf(doctorReport.parse(JSON.parse(readFileSync(`${home.path}/out`, 'utf8'))), job);
    const shell = left.find(({ command }) => command.includes('until'));
    assert.deepEqual([shell?.keptBecause, shell?.outcome], ['this command is running inside it', 'kept']);
    assert.equal(left.find(({ command }) => command.includes('run --wait'))?.outcome, 'ended');
    // The host that the client has started, and its job, are there as before.
    const { jobs } = await other.json<{ jobs: Job[] }>(['list', '--status', 'running']);
    assert.deepEqual(
      jobs.map(({ argv }) => argv?.[2]),
      ['echo up; exec sleep 608'],
    );
    assert.equal((await diagnose(home, '--end')).code, 0);
  });

  it("lists another user's processes, and does not touch them", async function () {
    if (process.getuid?.() !== 0) this.skip();
    const job = await home.ended((await home.run(['--', 'true'])).id);
    const pid = await marked(`${job.id}.1`, { uid: 65_534 });
    const report = await diagnose(home, '--end');
    const [left] = leftOf(report, job);
    assert.deepEqual([left?.pid, left?.outcome, report.code], [pid, 'kept', 0]);
    assert.match(left?.keptBecause ?? '', /another user's \(uid 65534\)/);
    assert.equal((await home.error(4, ['doctor', '--end', String(pid)])).code, 'invalid_state');
    assert.ok(isAlive(pid));
  });

  it('requires pids', async () => {
    const { code, message } = await home.error(2, ['doctor', '--end', '9000501', 'all']);
    assert.equal(code, 'invalid_request');
    assert.match(message, /--end .*'all' is invalid/);
  });
});
