import assert from 'node:assert/strict';
import { existsSync, readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../scripts/editor/processes.ts';
import { endTagged, newTag, tagged } from '../torture/census.ts';
import { SlurmCluster, useSlurm } from '../helpers/slurm/cluster.ts';
import { canLimitMemory } from '../helpers/slurm/programs.ts';
import { until } from '../helpers/until.ts';

describe('the private cluster of the tests', () => {
  it('runs jobs on every node, on the loopback interface alone, and leaves nothing', async function () {
    const cluster = await SlurmCluster.start({ nodes: 3, extra: ['KillWait=2'] });
    if (!cluster) return this.skip();
    const tag = newTag();
    try {
      const { stdout } = await cluster.run('srun', '-N', '3', 'sh', '-c', 'echo $SLURMD_NODENAME');
      assert.deepEqual(stdout.split('\n').sort(), ['n1', 'n2', 'n3']);

      // A job that ignores the signal, and a process that has left it.
      const script = `trap "" TERM; setsid sh -c "sleep ${tag} &"; sleep ${tag}; :`;
      const { code } = await cluster.run('sbatch', '-o', '/dev/null', '--wrap', script);
      assert.equal(code, 0);
      await until('the job runs', () => (tagged(tag).length === 2 ? true : undefined));

      const daemons = [cluster.controller, ...cluster.nodes].map(({ pid }) => pid!);
      const addresses = new Set(daemons.flatMap(listeningAddresses));
      assert.deepEqual([...addresses], ['127.0.0.1']);

      await cluster[Symbol.asyncDispose]();
      assert.deepEqual(daemons.filter(isAlive), []);
      assert.deepEqual([tagged(tag), cluster.processes(), existsSync(cluster.folder)], [[], [], false]);
    } finally {
      await endTagged(tag);
      await cluster[Symbol.asyncDispose]();
    }
  });

  it('goes on after the death of a node and of the controller', async function () {
    await using cluster = await SlurmCluster.start({ nodes: 2 });
    if (!cluster) return this.skip();
    const { stdout: id } = await cluster.run('sbatch', '--parsable', '-o', '/dev/null', '--wrap', 'sleep 60');
    const state = async () => (await cluster.run('squeue', '-h', '-j', id, '-o', '%T')).stdout;
    await until('it runs', async () => ((await state()) === 'RUNNING' ? true : undefined));

    await cluster.controller.end('SIGTERM');
    assert.equal((await cluster.run('scontrol', 'ping')).code, 1);
    await cluster.node(0).end('SIGKILL');
    cluster.node(0).start();
    cluster.controller.start();
    await cluster.isReady();
    assert.equal(await state(), 'RUNNING');
  });
});

describe('the private cluster with control groups', () => {
  before(function () {
    if (!canLimitMemory()) this.skip();
  });
  const cluster = useSlurm({ proctrack: 'cgroup' });

  it('ends a job that takes too much memory', async () => {
    const hog = `perl -e 'my $x = "x" x 200e6; sleep 60'`;
    const { stdout: id } = await cluster().run('sbatch', '--parsable', '--mem=50', '-o', '/dev/null', '--wrap', hog);
    await until('it is out of memory', async () => {
      const { stdout } = await cluster().run('squeue', '-h', '-t', 'all', '-j', id, '-o', '%T');
      return stdout === 'OUT_OF_MEMORY' ? true : undefined;
    });
  });
});

/** The IPv4 addresses on which a process listens. */
function listeningAddresses(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const sockets = readdirSync(folder).map((name) => readlinkSync(join(folder, name)));
  const lines = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
  return lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== '0A' || !sockets.includes(`socket:[${inode}]`)) return [];
    const bytes = local.slice(0, 8).match(/../g) ?? [];
    return [
      bytes
        .map((byte) => Number.parseInt(byte, 16))
        .reverse()
        .join('.'),
    ];
  });
}
