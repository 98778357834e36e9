import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KillResult } from '../../src/api/control.ts';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs with arrays', () => {
  const home = useHome();
  const path = (name: string): string => join(home.path, name);

  it('runs a task for each number, waits, prints each output, and exits with 1 if one failed', async () => {
    const result = await home.bgjobs([
      'run',
      '--wait',
      '--array',
      '1-3%1',
      '--',
      'sh',
      '-c',
      'echo task {}; exit $(({} == 2))',
    ]);
    assert.deepEqual([result.code, result.stdout], [1, 'task 1\ntask 2\ntask 3\n']);
    assert.match(
      result.stderr,
      /^bgjobs: .{8}:2 failed \(exit code 1\) after .*\nbgjobs: .{8} failed after .*, 3 of 3 tasks ended, 1 failed\n$/,
    );
    const good = await home.bgjobs(['run', '--wait', '--array', '1-2', '--', 'true']);
    assert.deepEqual([good.code, good.stdout, good.stderr], [0, '', '']);
  });

  for (const [what, args, input] of [
    ['a line of a file', ['--each', 'lines.txt'], ''],
    ['a line of the standard input', ['--each', '-'], "two words\nit's\n"],
    ['an item that ends with NUL', ['--each', '-', '-0'], "two words\0it's\0"],
    ['an item of a file, the last without its end', ['--null', '--each', 'items'], ''],
  ] as const) {
    it(`runs a task for ${what}`, async () => {
      writeFileSync(path('lines.txt'), "two words\r\nit's\n");
      writeFileSync(path('items'), "two words\0it's");
      const request = ['run', '--wait', '--max-running', '1', ...args, '--shell', "printf '<%s>\\n' {} {#}"];
      const result = await home.bgjobs(request, { input });
      assert.deepEqual([result.code, result.stderr], [0, '']);
      assert.equal(result.stdout, "<two words>\n<1>\n<it's>\n<2>\n");
    });
  }

  it('keeps the newlines of items that end with NUL', async () => {
    const result = await home.bgjobs(['run', '--wait', '--each', '-', '-0', '--', 'printf', '%s', '{}'], {
      input: 'a\nb\0',
    });
    assert.equal(result.stdout, 'a\nb');
  });

  it('lists an array as one row with counts, and its tasks with their ids', async () => {
    const array = await home.run(['--session', 'listed', '--array', '1-3', '--', 'sh', '-c', 'exit $(({} == 2))']);
    await home.ended(array.id);
    const list = await home.bgjobs(['list', '--session', 'listed']);
    assert.match(list.stdout, new RegExp(`^ID.*\n${array.shortId} +failed, 3 of 3 tasks ended, 1 failed .*\n$`));
    const tasks = await home.bgjobs(['list', '--array', array.shortId]);
    assert.deepEqual(
      tasks.stdout
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => row.split(/ +/).slice(0, 3)),
      [
        [`${array.shortId}:1`, 'completed', '0'],
        [`${array.shortId}:2`, 'failed', '1'],
        [`${array.shortId}:3`, 'completed', '0'],
      ],
    );
    const failed = await home.json<JobList>(['list', '--array', array.id, '--status', 'failed']);
    assert.deepEqual(
      failed.jobs.map(({ shortId }) => shortId),
      [`${array.shortId}:2`],
    );
    const status = await home.bgjobs(['status', array.shortId]);
    assert.match(status.stdout, /Tasks +2 completed, 1 failed\n/);
    assert.match(status.stdout, /Task numbers +1-3\n/);
    const wait = await home.bgjobs(['wait', array.id, '--exit-code']);
    assert.equal(wait.code, 1);
    assert.match(wait.stdout, /^Job .{8}: failed after .*, 3 of 3 tasks ended, 1 failed\.\nNext: bgjobs list --array/);
  });

  it('prints the output of a task, and of all tasks by their numbers', async () => {
    const array = await home.run([
      '--array',
      '1-3',
      '--',
      'sh',
      '-c',
      'sleep 0.$((4 - {})); echo out {}; echo err {} >&2',
    ]);
    await home.ended(array.id);
    for (const args of [[`${array.shortId}:2`], [array.shortId, '--task', '2']]) {
      const one = await home.bgjobs(['output', ...args]);
      assert.deepEqual([one.code, one.stdout, one.stderr], [0, 'out 2\n', 'err 2\n']);
    }
    const all = await home.bgjobs(['output', array.id, '--raw']);
    assert.deepEqual([all.stdout, all.stderr], ['out 1\nout 2\nout 3\n', 'err 1\nerr 2\nerr 3\n']);
    const ended = await home.bgjobs(['output', array.id, '--follow']);
    assert.equal(ended.stdout.split('\n').sort().join(' '), ' out 1 out 2 out 3');
    const { tasks } = await home.json<{ tasks: { task: number; chunks: unknown[] }[] }>(['output', array.id]);
    assert.deepEqual(
      tasks.map(({ task, chunks }) => [task, chunks.length]),
      [
        [1, 2],
        [2, 2],
        [3, 2],
      ],
    );
  });

  it('kills one task, then the whole array, and runs what did not complete again', async () => {
    const array = await home.run(['--array', '1-5%2', '--', 'sh', '-c', '[ -e go ] || exec sleep 100']);
    await home.json(['wait', `${array.id}:2`, '--for', 'started']);
    const one = await home.json<KillResult>(['kill', array.id, '--task', '5']);
    assert.deepEqual([one.result, one.job.shortId], ['cancelled', `${array.shortId}:5`]);
    const two = await home.json<KillResult>(['kill', `${array.shortId}:1`]);
    assert.deepEqual([two.result, two.job.status], ['killed', 'killed']);
    const all = await home.bgjobs(['kill', array.shortId]);
    assert.match(all.stdout, new RegExp(`^${array.shortId} stopped with SIGTERM in `));
    assert.equal((await home.ended(array.id)).status, 'killed');
    writeFileSync(path('go'), '');
    await home.json(['restart', array.id, '--failed']);
    const job = await home.ended(array.id);
    assert.deepEqual([job.status, job.array?.byStatus], ['completed', { completed: 5 }]);
    const refusal = await home.error(4, ['restart', array.id, '--failed']);
    assert.match(refusal.message, /None of its tasks has ended without completing/);
  });

  for (const [args, message] of [
    [['--array', '3-1', '--', 'true'], /the range 3-1 ends before it begins/],
    [['--array', '1-3', '--each', 'x', '--', 'true'], /--array cannot be used with --each/],
    [['--null', '--', 'true'], /--null requires --each/],
    [['--max-running', '2', '--', 'true'], /--max-running requires --array or --each/],
    [['--each', 'missing.txt', '--', 'true'], /--each: missing\.txt cannot be read: .*no such file/],
    [['--each', '-', '--', 'true'], /--each: the standard input is empty/],
    [['--each', '-', '--stdin', 'pipe', '--', 'true'], /--each - cannot be used with --stdin pipe/],
  ] as const) {
    it(`refuses run ${args.join(' ')}`, async () => {
      assert.match((await home.error(2, ['run', ...args])).message, message);
      assert.deepEqual(
        (await home.json<{ jobs: Job[] }>(['list', '--session', 'cli', '--status', 'waiting'])).jobs,
        [],
      );
    });
  }
});
