import assert from 'node:assert/strict';
import { type Inspection, inspection as schema } from '../../../src/api/inspection.ts';
import type { Job } from '../../../src/api/job.ts';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { childrenOf, signalIfThere } from '../../helpers/engine/processes.ts';

const nobody = { processes: 0, cpu: 0, memory: 0, threads: 0, files: 0 };

async function inspect(test: EngineFixture, { id }: Pick<Job, 'id'>): Promise<Inspection> {
  return schema.parse(await test.engine.inspectJob(id));
}

describe('the inspection of a job', () => {
  it('measures each process of the tree', async () => {
    await using test = await EngineFixture.open();
    const spin = '1 while 1';
    const open = 'open($_, "<", "/dev/null") for my ($a, $b, $c, $d, $e); $| = 1; print "up\\n"; sleep 600';
    const script = `perl -e '${spin}' & perl -e '${open}' & wait`;
    const job = await test.up(script);

    const { processes, leftovers, totals, ...rest } = await inspect(test, job);
    assert.deepEqual([rest.jobId, rest.run, rest.status, leftovers], [job.id, 1, 'running', []]);
    assert.ok(rest.sampleMs >= 500, String(rest.sampleMs));
    assert.equal(processes.length, 3);
    const [main, busy, idle] = [
      processes.find(({ pid }) => pid === job.pid),
      processes.find(({ command }) => command === `perl -e ${spin}`),
      processes.find(({ command }) => command === `perl -e ${open}`),
    ];
    assert.ok(main && busy && idle, JSON.stringify(processes));
    assert.equal(processes[0], main);
    assert.deepEqual([busy.ppid, idle.ppid], [job.pid, job.pid]);
    assert.deepEqual([main.command, main.state, main.threads], [`sh -c ${script}`, 'sleeping', 1]);
    assert.deepEqual([idle.cpu, idle.state], [0, 'sleeping']);
    // Besides its own it has what every child of this process inherits.
    assert.ok((busy.files ?? 0) >= 3 && idle.files === (busy.files ?? 0) + 5, `${busy.files}, ${idle.files}`);
    assert.ok((busy.cpu ?? 0) > 0 && busy.state === 'running', JSON.stringify(busy));
    for (const { memory, startedAt } of processes) {
      assert.ok((memory ?? 0) > 100_000, String(memory));
      assert.ok(Math.abs(Date.parse(startedAt ?? '') - Date.parse(job.startedAt ?? '')) < 60_000, String(startedAt));
    }
    const sum = (values: (number | null)[]): number => values.reduce<number>((all, value) => all + (value ?? 0), 0);
    assert.deepEqual(
      [totals.processes, totals.memory, totals.threads, totals.files],
      [3, sum(processes.map((one) => one.memory)), 3, sum(processes.map((one) => one.files))],
    );
    assert.equal(totals.cpu?.toFixed(1), sum(processes.map((one) => one.cpu)).toFixed(1));
  });

  it('counts threads, and the CPU time of all of them', async () => {
    await using test = await EngineFixture.open();
    const thread = 'new (require("worker_threads").Worker)("for (;;);", { eval: true })';
    const script = `${thread}; ${thread}; console.log("up")`;
    const job = await test.start({ argv: [process.execPath, '-e', script] });
    await test.says(job, 'up');
    const [node] = (await inspect(test, job)).processes;
    assert.ok((node?.threads ?? 0) > 3, JSON.stringify(node));
    assert.ok((node?.cpu ?? 0) > 0, JSON.stringify(node));
  });

  it('follows those who leave the session, and says what is paused', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('setsid sleep 64 & echo up; wait');
    const [child] = await until('it sleeps', () => {
      const children = childrenOf(job.pid!);
      return children.length === 1 ? children : undefined;
    });
    await test.engine.pauseJob(job.id);
    const { status, processes } = await inspect(test, job);
    assert.equal(status, 'paused');
    assert.deepEqual(
      processes.map(({ pid, state, cpu }) => [pid, state, cpu]),
      [
        [job.pid, 'stopped', 0],
        [child, 'stopped', 0],
      ],
    );
  });

  it('is empty, and at once, of a job that does not run', async () => {
    await using test = await EngineFixture.open();
    const held = await test.start({ held: true });
    const ended = await test.ended(await test.sh('exit 3'));
    const none = { sampleMs: 0, processes: [], leftovers: [], totals: nobody };
    assert.deepEqual(await inspect(test, held), { jobId: held.id, run: null, status: 'held', ...none });
    assert.deepEqual(await inspect(test, ended), { jobId: ended.id, run: 1, status: 'failed', ...none });
  });

  it('has the leftovers of a job that has ended, as long as they live', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(
      await test.sh('sleep 65 >/dev/null 2>&1 & until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.02; done'),
    );
    const { status, processes, leftovers, totals } = await inspect(test, job);
    assert.deepEqual([status, processes, totals.processes], ['completed', [], 1]);
    assert.deepEqual(
      leftovers.map(({ pid, command, threads }) => [pid, command, threads]),
      [[job.leftovers[0]?.pid, 'sleep 65', 1]],
    );
    signalIfThere(leftovers[0]!.pid, 'SIGKILL');
    await until('nothing is left', async () => (await inspect(test, job)).leftovers.length === 0 || undefined);
  });

  it('can be given up, and knows no other ids', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 600');
    const signal = AbortSignal.abort();
    await assert.rejects(test.engine.inspectJob(job.id, signal), { name: 'AbortError' });
    await assert.rejects(test.engine.inspectJob('ffffffff'), failure('job_not_found'));
  });
});
