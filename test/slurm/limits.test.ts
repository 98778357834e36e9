import assert from 'node:assert/strict';
import type { Job } from '../../src/api/job.ts';
import { canLimitMemory } from '../helpers/slurm/programs.ts';
import { useSlurmHome } from '../helpers/slurm/slurmHome.ts';

const endOf = ({ status, reason }: Job) => [status, reason];

describe('limits of time on a cluster', function () {
  // Slurm looks at them every half minute.
  this.timeout(200_000);
  const home = useSlurmHome({ cpus: 16, extra: ['KillWait=2'] });

  it('end a job: its own exactly, that of Slurm when Slurm looks; and a job that fails is told apart', async () => {
    const both = [
      await home.submit('--time', '1', '--', 'sleep', '600'),
      await home.submit('--time', '1', '--', 'sh', '-c', 'trap "" TERM; sleep 600; sleep 600'),
    ];
    const own = await home.submit('--timeout', '2s', '--', 'sleep', '600');
    const failing = await home.submit('--time', '1', '--', 'sh', '-c', 'exit 9');
    const ended = await home.ended(own.id);
    assert.deepEqual(endOf(ended), ['timed_out', 'timeout']);
    assert.ok(ended.durationMs! < 15_000, `${ended.durationMs}`);
    assert.deepEqual(endOf(await home.ended(failing.id)), ['failed', (await home.ended(failing.id)).reason]);
    for (const { id } of both) {
      const job = await home.ended(id);
      assert.deepEqual(endOf(job), ['timed_out', 'timeout']);
      assert.match((await home.bgjobs(['status', id])).stdout, /time limit in Slurm/);
    }
  });
});

describe('a limit of memory on a cluster with control groups', () => {
  before(function () {
    if (!canLimitMemory()) this.skip();
  });
  const home = useSlurmHome({ proctrack: 'cgroup', memoryMb: 1024 });
  const hog = `my $x = "x" x 200e6; sleep 600`;

  it('ends a job that uses more, and says so', async () => {
    const [asked, limited, killed] = [
      await home.submit('--mem', '60M', '--', 'perl', '-e', hog),
      await home.submit('--memory', '60M', '--', 'sh', '-c', `perl -e '${hog}'; exit $?`),
      await home.submit('--mem', '60M', '--', 'sh', '-c', 'kill -KILL $$'),
    ];
    assert.deepEqual(endOf(await home.ended(asked.id)), ['timed_out', 'out_of_memory']);
    assert.deepEqual(endOf(await home.ended(limited.id)), ['timed_out', 'out_of_memory']);
    const { signal, reason } = await home.ended(killed.id);
    assert.equal(signal, 'SIGKILL');
    assert.notEqual(reason, 'out_of_memory');
  });
});
