import assert from 'node:assert/strict';
import { startRequest, type StartRequest } from '../../../../src/api/options.ts';
import { sbatchOptions, slurmName } from '../../../../src/engine/slurm/sbatchArguments.ts';

const place = { name: 'bgjobs-x', directory: '/runs/50%/x.1', environment: '/env' };

function optionsFor(request: Partial<StartRequest>): string[] {
  const spec = startRequest.parse({ command: 'true', cwd: '/work', runner: 'slurm', ...request });
  return sbatchOptions(spec, place);
}

describe('the options for sbatch', () => {
  it('never let Slurm run a job again or wipe its output', () => {
    const options = optionsFor({});
    assert.deepEqual(options.slice(0, 3), ['--parsable', '--no-requeue', '--open-mode=append']);
    assert.ok(options.includes('--output=/runs/50%%/x.1/stdout.log'));
    assert.ok(options.includes('--error=/runs/50%%/x.1/stderr.log'));
    const merged = optionsFor({ capture: 'merged' });
    assert.ok(merged.includes('--output=/runs/50%%/x.1/output.log'));
    assert.ok(!merged.some((option) => option.startsWith('--error')));
  });

  it('are what the job asks for', () => {
    const slurm = { partition: 'gpu,main', nodes: 2, cpus: 4, gpus: 'a100:2', extra: ['--exclusive'] };
    const options = optionsFor({ slurm });
    for (const one of ['--partition=gpu,main', '--nodes=2', '--cpus-per-task=4', '--gpus=a100:2', '--exclusive']) {
      assert.ok(options.includes(one), one);
    }
  });

  it('follow from the limits and the priority of any job', () => {
    const options = optionsFor({ timeoutMs: 90_000, limits: { memoryBytes: 100 * 1024 ** 2 + 1 }, priority: 3 });
    // Slurm's limit comes after that of the job itself.
    for (const one of ['--time=3', '--mem=101M', '--nice=2000']) assert.ok(options.includes(one), one);
    const own = optionsFor({ timeoutMs: 90_000, slurm: { timeLimit: '1-0', memory: '2G' } });
    for (const one of ['--time=1-0', '--mem=2G']) assert.ok(own.includes(one), one);
    assert.ok(!optionsFor({ priority: 9 }).some((option) => option.startsWith('--nice')));
  });

  it('name a job as people do, and as ours', () => {
    assert.equal(slurmName({}, 'id.1'), 'bgjobs-id.1');
    assert.equal(slurmName({ name: 'train a\nmodel, now' }, 'id.1'), 'train_a_model_now-bgjobs-id.1');
  });
});
