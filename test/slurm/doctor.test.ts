import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { useHome } from '../helpers/cli.ts';
import { found, type Diagnosis } from '../helpers/doctor.ts';
import { useSlurm } from '../helpers/slurm/cluster.ts';

describe('bgjobs doctor and a cluster', () => {
  // A node that is elsewhere, or would be.
  const cluster = useSlurm({ extra: ['NodeName=far NodeAddr=192.0.2.1 State=DOWN', 'MaxArraySize=5001'] });
  const near = useSlurm({ nodes: 2 });
  const home = useHome();

  const checksOf = async (env: Record<string, string>) => {
    const { stdout } = await home.bgjobs(['doctor', '--json'], { env });
    return JSON.parse(stdout) as Diagnosis;
  };

  it('tells what the cluster is', async () => {
    const report = await checksOf(near().env);
    assert.match(
      found(report, 'slurm')!.summary,
      /^The controller of Slurm [\d.]+ answers: cluster private with 2 nodes$/,
    );
    assert.match(found(report, 'slurm_processes')!.summary, /Kill looks for both \(proctrack\/linuxproc\)$/);
    assert.match(found(report, 'slurm_arrays')!.summary, /numbers up to 1000 /);
    assert.match(found(report, 'slurm_files')!.summary, /^All nodes of the cluster are this machine/);
    assert.deepEqual(
      report.checks.filter(({ status }) => status !== 'ok'),
      [],
    );
  });

  it('warns when nodes cannot see the data folder', async () => {
    const report = await checksOf(cluster().env);
    const { status, summary, advice } = found(report, 'slurm_files')!;
    assert.equal(status, 'warning');
    assert.match(summary, /is on a file system of this machine \(\w+, \/.*\), which other nodes probably do not see/);
    assert.match(advice!, /BGJOBS_HOME/);
    assert.match(found(report, 'slurm_arrays')!.summary, /numbers up to 5000 /);
  });

  it('tells when the controller does not answer', async () => {
    await cluster().controller.end('SIGTERM');
    const { status, summary } = found(await checksOf(cluster().env), 'slurm')!;
    assert.equal(status, 'warning');
    assert.match(summary, /^The controller of Slurm does not answer: .*DOWN/);
  });

  it('tells apart a missing cluster, a missing program and no Slurm', async () => {
    const without = await checksOf({ SLURM_CONF: join(cluster().folder, 'missing.conf') });
    assert.match(found(without, 'slurm')!.summary, /^SLURM_CONF names a file that does not exist: .*missing.conf$/);

    const silent = await checksOf({});
    assert.equal(found(silent, 'slurm'), undefined);
    const bin = join(home.path, 'bin');
    mkdirSync(bin);
    const none = await checksOf({ PATH: bin });
    assert.equal(found(none, 'slurm'), undefined);
    symlinkSync('/usr/bin/sbatch', join(bin, 'sbatch'));
    const { status, summary } = found(await checksOf({ PATH: bin }), 'slurm')!;
    assert.equal(status, 'problem');
    assert.match(summary, /not on the path: squeue, scancel, scontrol, sinfo, srun$/);
  });
});
