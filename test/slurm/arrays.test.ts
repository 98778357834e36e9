import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, JobList } from '../../src/api/job.ts';
import { useSlurmHome } from '../helpers/slurm/slurmHome.ts';

describe('an array of 1,000 tasks on a cluster', () => {
  const home = useSlurmHome({ nodes: 3, cpus: 16 });
  const failing = [17, 500, 999];

  it('is one submission, of which the three tasks that failed run again', async () => {
    const script = `echo task $0; case $0 in ${failing.join('|')}) [ -e "$1" ] || exit 7 ;; esac`;
    const fixed = join(home.path, 'fixed');
    const array = await home.submit('--array', '0-999', '--', 'sh', '-c', script, '{}', fixed);
    const first = await home.ended(array.id);
    assert.deepEqual([first.status, first.array?.byStatus], ['failed', { completed: 997, failed: 3 }]);
    const { jobs } = await home.json<JobList>(['list', '--array', array.id, '--status', 'failed']);
    assert.deepEqual(
      jobs.map(({ task, exitCode }) => [task?.number, exitCode]).sort(([a], [b]) => a! - b!),
      failing.map((number) => [number, 7]),
    );
    // All of them are one job of Slurm.
    const tasks = await home.json<JobList>(['list', '--array', array.id, '--limit', '1000']);
    assert.equal(tasks.jobs.length, 1000);
    const ids = new Set(tasks.jobs.map(({ remote }: Job) => remote?.id?.split('_')[0]));
    assert.equal(ids.size, 1);

    writeFileSync(fixed, '');
    await home.json(['restart', '--failed', array.id]);
    const again = await home.ended(array.id);
    assert.deepEqual([again.status, again.array?.byStatus], ['completed', { completed: 1000 }]);
    const output = await home.bgjobs(['output', `${array.shortId}:999`]);
    assert.equal(output.stdout, 'task 999\n');
  });

  it('is killed as a whole, the tasks that run and those that wait', async () => {
    const array = await home.submit('--array', '0-99%10', '--', 'sleep', '600');
    const { job } = await home.json<{ job: Job }>(['kill', array.id]);
    assert.equal((job.array?.byStatus.completed ?? 0) + (job.array?.byStatus.failed ?? 0), 0);
    const { stdout } = await home.cluster().run('squeue', '-h', '-r', '-t', 'PD,R,CG', '-o', '%F');
    const left = (await home.json<JobList>(['list', '--array', array.id, '--limit', '100'])).jobs.map(
      ({ remote }) => remote?.id?.split('_')[0],
    );
    assert.deepEqual(
      stdout.split('\n').filter((id) => left.includes(id)),
      [],
    );
  });
});
