import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, JobList } from '../../src/api/job.ts';
import { homeFiles, readHostRecord } from '../../src/dataDir/dataDir.ts';
import { endTagged, newTag, tagged } from '../torture/census.ts';
import { useHome, type CliOptions } from '../helpers/cli.ts';
import { useSlurm } from '../helpers/slurm/cluster.ts';
import { until } from '../helpers/until.ts';

describe('jobs of Slurm', () => {
  const cluster = useSlurm({
    nodes: 3,
    extra: ['KillWait=5', 'SchedulerParameters=batch_sched_delay=0,sched_min_interval=0'],
  });
  const home = useHome();
  const inSlurm = (): CliOptions => ({ env: cluster().env });
  const run = (args: readonly string[]): Promise<Job> => home.run(['--runner', 'slurm', ...args], inSlurm());
  const show = (id: string): Promise<Job> => home.json<Job>(['status', id], inSlurm());
  const stop = (id: string, ...args: string[]) => home.bgjobs(['kill', id, ...args], inSlurm());
  const waiting = (id: string, code: RegExp): Promise<Job> =>
    until(`${id} waits in Slurm`, async () => {
      const job = await show(id);
      return job.waitingFor?.type === 'cluster' && code.test(job.waitingFor.code) ? job : undefined;
    });
  const killHost = (): boolean => process.kill(readHostRecord(homeFiles(home.path).record)!.pid, 'SIGKILL');

  it('have the arguments, the environment, the output and the exit code of their command', async () => {
    const text = `a b'"$HOME\n*`;
    const script = 'printf "%s|" "$@" "$GIVEN" "$BGJOBS_JOB_ID"; echo to the error log >&2; exit 3';
    const command = ['sh', '-c', script, 'sh', text, '', '--', 'ü'];
    const { id } = await run(['--env', `GIVEN=${text}, and more`, '--name', 'with a name', '--', ...command]);
    const job = await home.ended(id);
    assert.deepEqual([job.status, job.exitCode, job.reason], ['failed', 3, 'exit']);
    const { logs } = job.runs[0]!;
    assert.equal(readFileSync(logs.stdout, 'utf8'), `${text}||--|ü|${text}, and more|${id}|`);
    assert.equal(readFileSync(logs.stderr!, 'utf8'), 'to the error log\n');
    const { remote } = job;
    assert.match(remote!.id!, /^\d+$/);
    assert.match(remote!.node!, /^n\d$/);
    // Nothing of the environment stays behind.
    assert.equal(existsSync(join(logs.stdout, '../slurm/environment')), false);
  });

  it('tell exit codes and signals apart', async () => {
    const commands = ['exit 0', 'exit 137', 'exit 255', 'kill -KILL $$', 'kill -TERM $$', 'kill -SEGV $$'];
    const started = await Promise.all(commands.map((line) => run(['--', 'sh', '-c', line])));
    const ended = await Promise.all(started.map(({ id }) => home.ended(id)));
    assert.deepEqual(
      ended.map(({ exitCode, signal }) => exitCode ?? signal),
      [0, 137, 255, 'SIGKILL', 'SIGTERM', 'SIGSEGV'],
    );
  });

  it('say what Slurm refuses, and what cannot be done for them', async () => {
    const job = await home.ended((await run(['--partition', 'missing', '--', 'true'])).id);
    assert.equal(job.error?.code, 'submission_refused');
    assert.match(job.error.message, /^Slurm refused the job: .*partition/);
    const refuse = (...args: string[]) => home.error(2, ['run', '--runner', 'slurm', ...args, '--', 'true'], inSlurm());
    assert.match((await refuse('--tty')).message, /^tty: a job of Slurm has no terminal/);
    assert.match((await refuse('--stdin', 'pipe')).message, /^stdin: a job of Slurm takes no live input/);
    assert.match((await refuse('--ready-when', 'listening')).message, /^readyWhen: /);
    assert.match((await refuse('--extra', '--requeue')).message, /--requeue is set by Background Jobs itself/);
    const local = await home.error(2, ['run', '--partition', 'main', '--', 'true'], inSlurm());
    assert.match(local.message, /require --runner slurm/);
    const none = { env: { ...cluster().env, PATH: home.path } };
    const missing = await home.error(2, ['run', '--runner', 'slurm', '--', 'true'], none);
    assert.match(missing.message, /^runner: the program sbatch of Slurm is not on PATH/);
  });

  it('say why they wait, and are held, released and stopped before they begin', async () => {
    const { id } = await run(['--extra', '--begin=now+1hour', '--', 'true']);
    const job = await waiting(id, /^BeginTime$/);
    assert.equal(job.status, 'starting');
    const { waitingFor } = job;
    assert.ok(waitingFor?.type === 'cluster');
    assert.equal(waitingFor.text, 'in the queue of Slurm: waits for its start time (BeginTime)');
    await home.json(['hold', id], inSlurm());
    await waiting(id, /^JobHeld/);
    await home.json(['release', id], inSlurm());
    await waiting(id, /^BeginTime$/);
    await stop(id);
    const { status, reason } = await show(id);
    assert.deepEqual([status, reason], ['killed', 'user']);
    const { stdout } = await cluster().run('squeue', '-h', '-o', '%i');
    assert.ok(!stdout.split('\n').includes(job.remote!.id!));
  });

  it('are stopped with all that they have started, whatever it did to hide', async () => {
    const tag = newTag();
    try {
      const daemon = `(setsid sh -c "trap '' TERM; sleep ${tag} & sleep ${tag}; :" &) &`;
      const { id } = await run([
        '--grace',
        '1s',
        '--',
        'sh',
        '-c',
        `trap '' TERM; ${daemon} sleep ${tag}; sleep ${tag}`,
      ]);
      await until('it runs', () => (tagged(tag).length >= 4 ? true : undefined), 30_000);
      await stop(id);
      assert.deepEqual(tagged(tag), []);
      const { status, reason, signal } = await show(id);
      assert.deepEqual([status, reason, signal], ['killed', 'user', 'SIGKILL']);
    } finally {
      await endTagged(tag);
    }
  });

  it('leave nothing on their node when they end', async () => {
    const tag = newTag();
    try {
      const { id } = await run([
        '--grace',
        '0s',
        '--',
        'sh',
        '-c',
        `setsid env -i /bin/sleep ${tag} & sleep 1; exit 4`,
      ]);
      const { exitCode } = await home.ended(id);
      assert.deepEqual([exitCode, tagged(tag)], [4, []]);
    } finally {
      await endTagged(tag);
    }
  });

  it('get signals, are paused and go on', async () => {
    const script = `trap 'echo got it' USR1; echo up; while :; do sleep 0.1; echo tick; done`;
    const { id } = await run(['--', 'sh', '-c', script]);
    const { stdout } = (await home.reaches(id, 'running')).runs[0]!.logs;
    await until('it ticks', () => (readFileSync(stdout, 'utf8').includes('tick') ? true : undefined));
    await stop(id, '--signal', 'USR1');
    await until('it got it', () => (readFileSync(stdout, 'utf8').includes('got it') ? true : undefined));
    await home.json(['pause', id], inSlurm());
    const paused = readFileSync(stdout, 'utf8').length;
    assert.equal((await show(id)).status, 'paused');
    assert.equal(readFileSync(stdout, 'utf8').length, paused);
    await home.json(['resume', id], inSlurm());
    await until('it ticks again', () => (readFileSync(stdout, 'utf8').length > paused ? true : undefined));
    await stop(id);
  });

  it('are exact after the host was killed while they ran and ended', async () => {
    const side = join(home.path, 'side');
    mkdirSync(side);
    const numbers = Array.from({ length: 20 }, (_, index) => index * 7);
    const started: Job[] = [];
    for (const code of numbers) {
      const script = `for n in 1 2 3 4 5 6; do echo line $n; sleep 0.3; done; echo ${code} >${side}/${code}; exit ${code}`;
      started.push(await run(['--', 'sh', '-c', script]));
      // At any moment: also while one is submitted.
      if (code === 70) killHost();
    }
    killHost();
    await until(
      'all have ended',
      () => (numbers.every((code) => existsSync(join(side, `${code}`))) ? true : undefined),
      60_000,
    );
    const jobs = await until('all are recorded', async () => {
      const all = (await home.json<JobList>(['list'], inSlurm())).jobs.filter(({ id }) =>
        started.some((one) => one.id === id),
      );
      return all.every(({ finishedAt }) => finishedAt !== null) ? all : undefined;
    });
    assert.deepEqual(
      jobs.map(({ exitCode }) => exitCode).sort((a, b) => a! - b!),
      numbers,
    );
    for (const { runs } of jobs) {
      assert.equal(runs.length, 1);
      assert.equal(readFileSync(runs[0]!.logs.stdout, 'utf8').split('\n').length, 7);
    }
  });

  it('are one submission as an array, of which the failed ones run again', async () => {
    const submitted = async () =>
      (await cluster().run('squeue', '-h', '-r', '-t', 'all', '-o', '%F')).stdout.split('\n');
    const before = new Set(await submitted());
    const { id } = await run(['--array', '1-60%20', '--', 'sh', '-c', 'echo {}; test $(({} % 20)) -ne 0']);
    const ended = await home.ended(id);
    assert.deepEqual(
      [ended.status, ended.array!.failed, ended.array!.byStatus],
      ['failed', 3, { completed: 57, failed: 3 }],
    );
    assert.equal(new Set(await submitted()).size, before.size + 1);
    const { jobs } = await home.json<JobList>(['list', '--array', id, '--limit', '100'], inSlurm());
    for (const { task, runs } of jobs) {
      assert.equal(readFileSync(runs[0]!.logs.stdout, 'utf8'), `${task!.number}\n`);
    }
    await home.json(['restart', id, '--failed'], inSlurm());
    await home.ended(id);
    const again = (await home.json<JobList>(['list', '--array', id, '--limit', '100'], inSlurm())).jobs;
    assert.deepEqual(
      again.filter(({ runs }) => runs.length === 2).map(({ task }) => task!.number),
      [20, 40, 60],
    );
  });

  it('come in chains with jobs of this machine', async () => {
    const file = join(home.path, 'chain');
    const note = (word: string): string[] => ['--', 'sh', '-c', `echo ${word} >>${file}`];
    writeFileSync(file, '');
    const first = await run(note('slurm'));
    const second = await home.run(['--after', first.id, ...note('here')], inSlurm());
    const third = await run(['--after', second.id, ...note('slurm')]);
    await home.ended(third.id);
    assert.equal(readFileSync(file, 'utf8'), 'slurm\nhere\nslurm\n');
  });

  it('go on while the controller is away, which ends nothing and is said', async () => {
    const { id } = await run(['--', 'sh', '-c', 'sleep 25; exit 9']);
    await home.reaches(id, 'running');
    const other = await run(['--', 'sleep', '600']);
    await home.reaches(other.id, 'running');
    await cluster().controller.end('SIGTERM');
    const silent = await until(
      'it is said',
      async () => {
        const job = await show(id);
        return job.remote!.silentSince === null ? undefined : job;
      },
      30_000,
    );
    assert.equal(silent.status, 'running');
    const { exitCode, remote } = await home.ended(id);
    assert.deepEqual([exitCode, remote!.state], [9, null]);
    // The request does not wait for the controller; the stop does.
    assert.match((await stop(other.id)).stdout, /is being stopped/);
    assert.equal((await show(other.id)).status, 'stopping');
    const late = await run(['--', 'sh', '-c', 'exit 8']);
    cluster().controller.start();
    await cluster().isReady();
    assert.equal((await home.ended(late.id)).exitCode, 8);
    const { status, reason } = await home.ended(other.id);
    assert.deepEqual([status, reason], ['killed', 'user']);
  });
});
