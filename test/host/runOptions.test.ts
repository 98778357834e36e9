import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, JobList } from '../../src/api/job.ts';
import type { Output } from '../../src/api/output.ts';
import { processesOf, useHome } from '../helpers/cli.ts';
import type { CliOptions } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs run with options', () => {
  const home = useHome();
  const stdoutOf = async (args: string[], options?: CliOptions): Promise<string> =>
    (await home.bgjobs(['run', '--wait', ...args], options)).stdout;

  it('gives the job the environment of the caller, not that of the host', async () => {
    const env = { FROM_CALLER: 'yes', PATH: `${home.path}:${process.env['PATH']}`, VSCODE_PID: '1' };
    const seen = await stdoutOf(['--shell', 'echo "$FROM_CALLER $PATH ${VSCODE_PID-unset}"'], { env });
    assert.equal(seen, `yes ${env.PATH} unset\n`);
  });

  it('adds and removes variables, and reads them from a file', async () => {
    writeFileSync(join(home.path, 'vars'), '\ufeffB=file with spaces\nA=file\n\n# a comment\nC="quoted"\n');
    const options = ['--env', 'A=option', '--env', 'GONE-', '--env', 'EMPTY=', '--env', 'E=x=y', '--env-file', 'vars'];
    const script = 'echo "$A|$B|$C|${GONE-unset}|${EMPTY-unset}|$E"';
    const seen = await stdoutOf([...options, '--', 'sh', '-c', script], { env: { GONE: 'there', EMPTY: 'full' } });
    assert.equal(seen, 'option|file with spaces|quoted|unset||x=y\n');
  });

  it('reads an env file as Docker Compose does, with the variables of the caller, and names a line that it cannot read', async () => {
    const file = join(home.path, 'compose.env');
    writeFileSync(file, 'A=pass#word\nB="say \\"hi\\""\nC="1\n2"\nD=${FROM_CALLER}/${A}\n');
    const run = ['--env-file', file, '--', 'sh', '-c', 'echo "$A|$B|$C|$D"'];
    const seen = await stdoutOf(run, { env: { FROM_CALLER: 'caller' } });
    assert.equal(seen, 'pass#word|say "hi"|1\n2|caller/pass#word\n');
    writeFileSync(file, 'A=x\nB="never closed\n');
    const { message } = await home.error(2, ['run', ...run]);
    assert.equal(
      message,
      `envFile: ${file} cannot be read: line 2: the quotes of B are not closed, or text follows them`,
    );
  });

  it('shows only the names of the variables', async () => {
    const job = await home.run(['--env', 'TOKEN=secretvalue', '--', 'true']);
    assert.deepEqual(job.options.env, ['TOKEN']);
    assert.ok(!JSON.stringify(job).includes('secretvalue'));
  });

  it('feeds a text or a file to the standard input, byte for byte', async () => {
    assert.equal(await stdoutOf(['--stdin', 'a\nb', '--', 'cat']), 'a\nb');
    writeFileSync(join(home.path, 'in'), 'from\0a file');
    assert.equal(await stdoutOf(['--stdin', '@in', '--', 'cat']), 'from\0a file');
    assert.equal(await stdoutOf(['--', 'cat']), '', 'none is an empty one');
  });

  it('runs in the folder that is given', async () => {
    assert.equal(await stdoutOf(['--cwd', '/', '--', 'pwd']), '/\n');
  });

  it('ends a job after its timeout', async () => {
    const job = await home.ended((await home.run(['--timeout', '300ms', '--', 'sleep', '600'])).id);
    assert.deepEqual([job.status, job.reason, job.signal], ['timed_out', 'timeout', 'SIGTERM']);
  });

  it('ends a job that is silent for too long, and only that', async () => {
    const silent = await home.run(['--idle-timeout', '500ms', '--', 'sleep', '600']);
    const talking = await home.run([
      '--idle-timeout',
      '20s',
      '--',
      'sh',
      '-c',
      'for i in 1 2 3 4; do echo $i; sleep 0.2; done',
    ]);
    const job = await home.ended(silent.id);
    assert.deepEqual([job.status, job.reason], ['timed_out', 'idle_timeout']);
    assert.equal((await home.ended(talking.id)).status, 'completed');
  });

  it('keeps the exact order of both streams with --capture merged', async () => {
    const script = 'i=0; while [ $i -lt 500 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done';
    const job = await home.run(['--capture', 'merged', '--', 'sh', '-c', script]);
    await home.ended(job.id);
    const expected = Array.from({ length: 500 }, (_, index) => `out ${index}\nerr ${index}\n`).join('');
    const shown = await home.bgjobs(['output', job.id]);
    assert.deepEqual([shown.stdout, shown.stderr], [expected, '']);
  });

  it('drops the oldest output over --max-log, and reports how much', async () => {
    const line = 'x'.repeat(1023);
    const script = `i=0; while [ $i -lt 400 ]; do echo ${line}; i=$((i+1)); done; echo the end`;
    const job = await home.run(['--max-log', '64K', '--', 'sh', '-c', script]);
    await home.ended(job.id);
    const written = 400 * 1024 + 'the end\n'.length;
    // The host cuts in steps, and keeps a quarter more than the limit at most.
    const run = await until('the log is cut', async () => {
      const [found] = (await home.json<Job>(['status', job.id])).runs;
      return found && written - found.droppedBytes <= 1.25 * 65_536 + 4096 ? found : undefined;
    });
    assert.equal(run.stdoutBytes, written);

    const shown = await home.bgjobs(['output', job.id]);
    assert.ok(shown.stdout.endsWith('x\nthe end\n'));
    const dropped = written - shown.stdout.length;
    assert.match(shown.stderr, new RegExp(`\\b${dropped} bytes`));
    const page = await home.json<Output>(['output', job.id]);
    assert.equal(page.droppedBytes, dropped);
    assert.equal(run.droppedBytes, dropped);
  });

  it('returns the same job for the same key', async () => {
    const first = await home.run(['--key', 'deploy 17', '--', 'true']);
    const second = await home.run(['--key', 'deploy 17', '--', 'true']);
    assert.equal(second.id, first.id);
    assert.match((await home.bgjobs(['run', '--key', 'deploy 17', '--', 'true'])).stdout, /already existed/);
    assert.notEqual((await home.run(['--key', 'deploy 18', '--', 'true'])).id, first.id);
  });

  it('keeps name, session, tags and priority', async () => {
    const job = await home.run(
      ['--name', 'the build', '--tag', 'team=web', '--tag', 'n=1=2', '--priority', '9', '--', 'true'],
      { env: { BGJOBS_SESSION: 'agent 7' } },
    );
    assert.deepEqual(
      [job.name, job.session, job.tags, job.priority],
      ['the build', 'agent 7', { team: 'web', n: '1=2' }, 9],
    );
  });

  it('takes any name for a session', async () => {
    const names = ['a', 'a b', 'ä/ö', '../../etc', "it's", '--all', '$HOME', '🙂', 'x'.repeat(200), 'a,b=c&d?e#f%'];
    for (const name of names) await home.run(['--session', name, '--hold', '--', 'true']);
    for (const name of names) {
      const { jobs } = await home.json<JobList>(['list', '--session', name]);
      assert.deepEqual(
        jobs.map((job) => job.session),
        [name],
      );
    }
  });

  it('ends processes that outlive the main process with --leftovers kill', async () => {
    const job = await home.run(['--leftovers', 'kill', '--', 'sh', '-c', 'sleep 600 & exit 0']);
    assert.equal((await home.ended(job.id)).status, 'completed');
    await until('nobody of the tree is left', () => (processesOf(`${job.id}.1`).length === 0 ? true : undefined));
  });

  for (const [args, message] of [
    [['--timeout', 'soon'], /30s, 5m/],
    [['--max-log', 'much'], /64K, 256M/],
    [['--priority', '11'], /priority/],
    [['--env', 'NOVALUE'], /NAME=VALUE/],
    [['--capture', 'both'], /separate, merged/],
    [['--if-full', 'wait'], /queue, reject/],
    [['--nmae', 'x'], /--name/],
    [['--max-log', '1K'], /maxLogBytes/],
  ] as const) {
    it(`refuses ${args.join(' ')}`, async () => {
      const result = await home.bgjobs(['run', ...args, '--', 'true']);
      assert.equal(result.code, 2);
      assert.match(result.stderr, message);
    });
  }
});
