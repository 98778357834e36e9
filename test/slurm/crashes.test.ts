import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, JobList } from '../../src/api/job.ts';
import { connect } from '../../src/client/apiClient.ts';
import { useSlurmHome } from '../helpers/slurm/slurmHome.ts';
import { until } from '../helpers/until.ts';

describe('the job host killed with SIGKILL while 20 jobs of a cluster write and end', function () {
  // It starts with an empty store.
  this.retries(0);

  const home = useSlurmHome({ nodes: 3, cpus: 16 });
  const count = 20;
  const lines = 2000;

  it('loses no line and no exit code', async () => {
    const script = `i=0; while [ $i -lt ${lines} ]; do
      if [ $i -eq ${lines / 2} ]; then : >half.$0; until [ -e go ]; do sleep 0.05; done; fi
      echo "$0 line $i"; i=$((i+1)); done; : >through.$0; exit $0`;
    await home.json(['list']);
    const client = await connect({ home: home.path, env: { ...process.env, BGJOBS_HOME: home.path }, start: false });
    const inheritEnv = { PATH: process.env['PATH'] ?? '', ...home.cluster().env };
    for (let code = 0; code < count; code++) {
      const argv = ['sh', '-c', script, String(code)];
      await client.startJob({ name: `job ${code}`, argv, cwd: home.path, inheritEnv, runner: 'slurm' });
    }
    client.dispose();
    const are = (word: string): number => readdirSync(home.path).filter((name) => name.startsWith(word)).length;
    await until('all are under way', () => (are('half.') === count ? true : undefined));
    const { pid } = await home.json<{ pid: number }>(['host', 'status']);
    process.kill(pid, 'SIGKILL');
    writeFileSync(join(home.path, 'go'), '');
    // Some end while there is no host, the others when there is a new one.
    await until('some are through', () => (are('through.') > 3 ? true : undefined));

    const { jobs } = await home.json<JobList>(['list']);
    assert.equal(jobs.length, count);
    await home.json(['wait', ...jobs.map(({ id }) => id)]);
    const after = await home.json<JobList>(['list']);
    for (const ended of after.jobs) {
      const code = Number(ended.name?.split(' ')[1]);
      assert.deepEqual([ended.status, ended.exitCode, ended.signal], [code === 0 ? 'completed' : 'failed', code, null]);
      assert.equal(ended.runs.length, 1);
      const expected = Array.from({ length: lines }, (_, index) => `${code} line ${index}\n`).join('');
      assert.ok(readFileSync(ended.runs[0]!.logs.stdout, 'utf8') === expected, `job ${code}`);
    }
  });

  it('submits nothing twice, and forgets nothing, when it dies while it submits', async () => {
    const ran = join(home.path, 'ran');
    for (let round = 0; round < 5; round++) {
      const { pid } = await home.json<{ pid: number }>(['host', 'status']);
      const jobs = Array.from({ length: 4 }, (_, number) =>
        home.bgjobs(['run', '--json', '--runner', 'slurm', '--', 'sh', '-c', `echo ${round}.${number} >>${ran}`]),
      );
      // The later in the round, the further the submissions have come.
      await new Promise((resolve) => setTimeout(resolve, 40 * round));
      process.kill(pid, 'SIGKILL');
      await Promise.all(jobs);
      await home.json(['list']);
    }
    const { jobs } = await home.json<JobList>(['list', '--limit', '200']);
    const ended = await Promise.all(jobs.map(({ id }) => home.ended(id)));
    const own = ended.filter(({ argv }) => argv?.[2]?.includes(ran));
    assert.ok(own.length > 0);
    assert.deepEqual([...new Set(own.map(({ status }: Job) => status))], ['completed']);
    const words = own.map(({ argv }) => /echo (\S+)/.exec(argv![2]!)![1]!);
    assert.deepEqual(readFileSync(ran, 'utf8').trim().split('\n').sort(), words.sort());
  });
});
