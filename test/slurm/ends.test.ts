import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from '../../scripts/editor/places.ts';
import type { Job } from '../../src/api/job.ts';
import { useSlurmHome } from '../helpers/slurm/slurmHome.ts';
import { until } from '../helpers/until.ts';

/** Commands that end, in every way in which they can. */
const commands: readonly (readonly string[])[] = [
  ...[0, 3, 126, 127, 137, 143, 255].map((code) => ['sh', '-c', `echo out; echo err >&2; exit ${code}`]),
  ...['TERM', 'KILL', 'INT', 'HUP', 'SEGV', 'USR1'].map((signal) => ['sh', '-c', `echo out; kill -${signal} $$`]),
  // The shell passes on what a child died of.
  ['sh', '-c', 'sh -c "kill -KILL \\$\\$"; exit $?'],
  ['printf', '<%s>', 'two words', "it's", '"', 'a\nb', '$HOME `id` *', '', 'ü€', '--', '-n', '\\'],
  ['sh', '-c', 'pwd; umask; printf "%s\\n" "$GREETING"; cat'],
  ['sh', '-c', 'printf "no newline at the end"'],
];

describe('a job on a cluster', () => {
  const home = useSlurmHome({ nodes: 3, cpus: 16, extra: ['KillWait=3'] });

  const resultOf = async (job: Job) => {
    const { status, exitCode, signal, reason } = await home.ended(job.id);
    const { stdout, stderr } = await home.bgjobs(['output', job.id]);
    return { status, exitCode, signal, reason, stdout, stderr };
  };

  it('ends as it does on this machine: exit codes, signals, output, arguments, environment, folder', async () => {
    const greeting = 'a=b, "c"\nsecond line\n';
    const options = ['--env', `GREETING=${greeting}`, '--stdin', 'typed'];
    const started = [];
    for (const argv of commands) {
      const local = await home.run([...options, '--', ...argv]);
      started.push({ argv, local, remote: await home.submit(...options, '--', ...argv) });
    }
    for (const { argv, local, remote } of started) {
      assert.deepEqual({ argv, ...(await resultOf(remote)) }, { argv, ...(await resultOf(local)) });
    }
  });

  it('is a real build and a real run of tests', async () => {
    const path = ['--env', `PATH=${process.env['PATH']}`];
    const out = join(home.path, 'built', 'dist');
    const build = await home.submit('--cwd', top, ...path, '--', process.execPath, 'esbuild.js', `--outdir=${out}`);
    const mocha = [join('node_modules', 'mocha', 'bin', 'mocha.js'), 'test/unit/text/**/*.test.ts'];
    const after = ['--after', build.id];
    const tests = await home.submit('--cwd', top, ...path, ...after, '--', process.execPath, ...mocha);
    const { status, exitCode } = await home.ended(tests.id);
    const { stdout, stderr } = await home.bgjobs(['output', tests.id]);
    assert.deepEqual([status, exitCode], ['completed', 0], stdout + stderr);
    assert.match(stdout, /\d+ passing/);
    assert.ok(existsSync(join(out, 'cli.js')));
  });

  it('says where it is', async () => {
    const job = await home.submit(
      '--name',
      'placed',
      '--',
      'sh',
      '-c',
      'echo $SLURM_JOB_ID $SLURMD_NODENAME; sleep 600',
    );
    const { stdout } = await until('it runs', async () => {
      const output = await home.bgjobs(['output', job.id]);
      return output.stdout === '' ? undefined : output;
    });
    const { remote, status } = await until('its state is known', async () => {
      const now = await home.json<Job>(['status', job.id]);
      return now.remote?.state === 'RUNNING' ? now : undefined;
    });
    assert.equal(status, 'running');
    assert.deepEqual([`${remote?.id} ${remote?.node}\n`, remote?.partition], [stdout, 'main']);
    const shown = (await home.bgjobs(['status', job.id])).stdout;
    assert.match(shown, new RegExp(`^Slurm +${remote?.id} RUNNING, ${remote?.node}, main$`, 'm'));
    assert.equal((await home.json<{ job: Job }>(['kill', job.id])).job.status, 'killed');
  });

  it('is canceled before it begins, and then never begins', async () => {
    const mark = join(home.path, 'began');
    const job = await home.submit('--extra', '--begin=now+3600', '--', 'touch', mark);
    const { waitingFor } = await until('it waits in Slurm', async () => {
      const now = await home.json<Job>(['status', job.id]);
      return now.remote?.state === 'PENDING' ? now : undefined;
    });
    assert.equal(waitingFor?.type, 'cluster');
    const { job: killed } = await home.json<{ job: Job }>(['kill', job.id]);
    assert.ok(['cancelled', 'killed'].includes(killed.status), killed.status);
    const { stdout } = await home.cluster().run('squeue', '-h', '-t', 'PD,R,CG', '-o', '%i');
    assert.ok(killed.remote?.id && !stdout.split('\n').includes(killed.remote.id), stdout);
    assert.ok(!existsSync(mark));
  });

  it('that is canceled by scancel is killed, and not failed', async () => {
    const job = await home.submit('--', 'sleep', '600');
    const { remote } = await home.reaches(job.id, 'running');
    await home.cluster().run('scancel', remote!.id!);
    const { status, signal, reason } = await home.ended(job.id);
    assert.deepEqual([status, reason, signal], ['killed', 'signal', 'SIGTERM']);
  });

  it('that ignores scancel is killed after the time that Slurm gives it', async () => {
    const job = await home.submit('--', 'sh', '-c', 'trap "" TERM; echo up; while :; do sleep 600; done');
    await home.json(['wait', job.id, '--for', '/up/']);
    await home.cluster().run('scancel', (await home.json<Job>(['status', job.id])).remote!.id!);
    const { status } = await home.ended(job.id);
    assert.ok(['killed', 'lost'].includes(status), status);
  });

  it('depends on jobs here, and jobs here on it', async () => {
    const folder = join(home.path, 'chain');
    mkdirSync(folder);
    const order = join(folder, 'order');
    writeFileSync(order, '');
    const note = (word: string): string[] => ['--', 'sh', '-c', `echo ${word} >>${order}`];
    const here = await home.run(['--hold', ...note('here')]);
    const there = await home.submit('--after', here.id, ...note('there'));
    const next = await home.submit('--after', there.id, ...note('next'));
    const back = await home.run(['--after', next.id, ...note('back')]);
    const failing = await home.submit('--after', back.id, '--', 'sh', '-c', 'exit 5');
    const never = await home.run(['--after', failing.id, ...note('never')]);
    const anyway = await home.submit('--after', `${failing.id}:finished`, ...note('anyway'));
    await home.json(['release', here.id]);
    assert.equal((await home.ended(anyway.id)).status, 'completed');
    assert.equal((await home.ended(never.id)).status, 'cancelled');
    assert.equal(readFileSync(order, 'utf8'), 'here\nthere\nnext\nback\nanyway\n');
  });
});
