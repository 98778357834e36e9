import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Job } from '../../src/api/job.ts';
import { useHome, type CliOptions } from '../helpers/cli.ts';
import { useSlurm } from '../helpers/slurm/cluster.ts';
import { canLimitMemory } from '../helpers/slurm/programs.ts';
import { until } from '../helpers/until.ts';

const quick = ['KillWait=5', 'SchedulerParameters=batch_sched_delay=0,sched_min_interval=0'];

describe('jobs of Slurm, when Slurm fails', () => {
  const cluster = useSlurm({ nodes: 2, extra: [...quick, 'SlurmdTimeout=10'] });
  const home = useHome();
  const inSlurm = (): CliOptions => ({ env: cluster().env });
  const run = (...args: string[]): Promise<Job> => home.run(['--runner', 'slurm', ...args], inSlurm());

  it('have the end that their node has recorded, also if the daemon of the node was killed meanwhile', async () => {
    const job = await run('--extra', '--nodelist=n1', '--', 'sh', '-c', 'sleep 3; exit 6');
    await home.reaches(job.id, 'running');
    await cluster().node(0).end('SIGKILL');
    assert.equal((await home.ended(job.id)).exitCode, 6);
    cluster().node(0).start();
    await cluster().isReady();
  });

  it('are lost with their node, which is said', async () => {
    const job = await run('--extra', '--nodelist=n2', '--', 'sleep', '60');
    await home.reaches(job.id, 'running');
    await cluster().node(1).end('SIGKILL');
    const { status, reason, reasonText } = await home.ended(job.id);
    assert.deepEqual([status, reason], ['lost', 'node_lost']);
    assert.equal(reasonText, 'Slurm has lost the node n2: the command may still run there');
    cluster().node(1).start();
    await cluster().isReady();
  });

  it('say it when somebody else cancels them', async () => {
    const [before, running] = [await run('--extra', '--begin=now+1hour', '--', 'true'), await run('--', 'sleep', '60')];
    await home.reaches(running.id, 'running');
    const known = await until('both are known', async () => {
      const jobs = await Promise.all([before, running].map(({ id }) => home.json<Job>(['status', id])));
      return jobs.every(({ remote }) => remote?.state) ? jobs : undefined;
    });
    await cluster().run('scancel', ...known.map(({ remote }) => remote!.id!));
    const ends = await Promise.all([before, running].map(({ id }) => home.ended(id)));
    assert.deepEqual(
      ends.map(({ status, reason, reasonText }) => [status, reason, reasonText]),
      [
        ['killed', 'signal', 'canceled in Slurm before it began'],
        ['killed', 'signal', 'canceled in Slurm'],
      ],
    );
  });

  it('have the time limit of Slurm and one of their own', async () => {
    const [own, there] = [
      await run('--timeout', '2s', '--', 'sleep', '60'),
      await run('--time', '1', '--', 'sleep', '600'),
    ];
    const first = await home.ended(own.id);
    assert.deepEqual([first.status, first.reason, first.signal], ['timed_out', 'timeout', 'SIGTERM']);
    const second = await home.ended(there.id);
    assert.deepEqual(
      [second.status, second.reason, second.reasonText],
      ['timed_out', 'timeout', 'the time limit in Slurm was reached'],
    );
  });

  it('are exact when the controller was killed and has forgotten them', async () => {
    const jobs: Job[] = [];
    for (const code of [1, 2, 3, 4]) jobs.push(await run('--', 'sh', '-c', `sleep ${code}; exit ${code}`));
    await Promise.all(jobs.map(({ id }) => home.reaches(id, 'running', 'failed')));
    await cluster().controller.end('SIGKILL');
    await until('those that can be have ended', async () => {
      const { exitCode } = await home.json<Job>(['status', jobs[3]!.id]);
      return exitCode === 4 ? true : undefined;
    });
    cluster().controller.start();
    await cluster().isReady();
    for (const [index, { id }] of jobs.entries()) {
      const { exitCode, runs } = await home.ended(id);
      assert.deepEqual([exitCode, runs.length], [index + 1, 1]);
      assert.equal(readFileSync(runs[0]!.logs.stderr!, 'utf8').includes('has begun before'), false);
    }
  });
});

describe('jobs of Slurm with control groups', () => {
  before(function () {
    if (!canLimitMemory()) this.skip();
  });
  const cluster = useSlurm({ proctrack: 'cgroup', extra: quick });
  const home = useHome();

  it('are told apart when they exceed their memory', async () => {
    const grow = 'head -c 300M /dev/zero | tail -c 300M >/dev/null; echo $?';
    const args = ['--runner', 'slurm', '--memory', '50M', '--', 'sh', '-c', `${grow}; exit 137`];
    const { id } = await home.run(args, { env: cluster().env });
    const { status, reason, reasonText } = await home.ended(id);
    assert.deepEqual([status, reason], ['timed_out', 'out_of_memory']);
    assert.equal(reasonText, 'more memory was used than the job has in Slurm');
  });
});
