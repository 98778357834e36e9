import assert from 'node:assert/strict';
import { execa } from 'execa';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Job } from '../../src/api/job.ts';
import type { Chunk, Output } from '../../src/api/output.ts';
import { connect } from '../../src/client/apiClient.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs output', () => {
  const home = useHome();
  const started = async (script: string): Promise<string> => (await home.run(['--', 'sh', '-c', script])).id;
  const finished = async (script: string): Promise<string> => (await home.ended(await started(script))).id;
  const text = (chunks: Chunk[]): string => chunks.map((chunk) => chunk.text).join('');

  it('prints stdout to stdout and stderr to stderr, also while the job runs', async () => {
    const done = await finished('echo out; echo err >&2');
    const result = await home.bgjobs(['output', done]);
    assert.deepEqual([result.code, result.stdout, result.stderr], [0, 'out\n', 'err\n']);

    const live = await started("printf 'Password: '; exec sleep 600");
    await until('the prompt is shown', async () => {
      return (await home.bgjobs(['output', live])).stdout === 'Password: ' ? true : undefined;
    });
    assert.equal((await home.reaches(live, 'running')).status, 'running');
  });

  it('prints the last lines, lines that match, one stream, a range', async () => {
    const id = await finished('for i in 1 2 3 4 5; do echo "out $i"; done; echo error one >&2; printf last');
    const print = async (...args: string[]): Promise<string[]> => {
      const { stdout, stderr } = await home.bgjobs(['output', id, ...args]);
      return [stdout, stderr];
    };
    assert.deepEqual(await print('--tail', '2', '--stream', 'stdout'), ['out 5\nlast', '']);
    assert.deepEqual(await print('--stream', 'stderr'), ['', 'error one\n']);
    assert.deepEqual(await print('--grep', '^out [24]$'), ['out 2\nout 4\n', '']);
    assert.deepEqual(await print('--grep', 'one|last'), ['last', 'error one\n']);
    assert.deepEqual(await print('--range', '2-6'), ['t 1\no', '']);
    assert.deepEqual(await print('--range', '30-'), ['last', '']);
    assert.deepEqual(await print('--range', '0-3', '--stream', 'stderr'), ['', 'erro']);
    assert.deepEqual(await print('--tail', '0'), ['', '']);
  });

  it('continues after a number, and prints every byte once', async () => {
    const { id } = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', 'echo one; read x; echo two']);
    const first = await until('the first line is there', async () => {
      const page = await home.json<Output>(['output', id]);
      return page.chunks.length > 0 ? page : undefined;
    });
    assert.equal(text(first.chunks), 'one\n');
    await home.json(['input', id, 'go on']);
    await home.ended(id);
    const second = await home.json<Output>(['output', id, '--since', String(first.next)]);
    assert.equal(text(second.chunks), 'two\n');
    assert.equal((await home.bgjobs(['output', id, '--since', String(first.next)])).stdout, 'two\n');
    const last = await home.json<Output>(['output', id, '--since', String(second.next)]);
    assert.deepEqual(last.chunks, []);
    assert.equal(last.next, second.next);
  });

  it('prints chunks, cursor and status with --json', async () => {
    const id = await finished("printf 'ä'; echo err >&2");
    const page = await home.json<Output>(['output', id]);
    assert.deepEqual(Object.keys(page).sort(), ['chunks', 'droppedBytes', 'more', 'next', 'status']);
    assert.deepEqual([page.droppedBytes, page.more, page.status, page.next], [0, false, 'completed', 6]);
    const chunk = page.chunks.find(({ stream }) => stream === 'stdout');
    assert.deepEqual([chunk?.offset, chunk?.length, chunk?.text], [0, 2, 'ä']);
    assert.ok(chunk && !Number.isNaN(Date.parse(chunk.time)));
  });

  it('prints the bytes and nothing else with --raw', async () => {
    const id = await finished('head -c 300000 /dev/urandom');
    const raw = await home.bgjobs(['output', id, '--raw']);
    const job = await home.ended(id);
    assert.ok(raw.stdoutBytes.equals(readFileSync(job.runs[0]?.logs.stdout ?? '')));
    assert.equal(raw.stdoutBytes.length, 300_000);
    assert.equal(raw.stderr, '');
  });

  it('keeps the colours that the job has written', async () => {
    const id = await finished("printf '\\033[31mred\\033[0m\\n'");
    assert.equal((await home.bgjobs(['output', id])).stdout, '\x1b[31mred\x1b[0m\n');
  });

  it('reads a long output to its end, page by page', async () => {
    const id = await finished('seq 1 400000');
    const expected = Array.from({ length: 400_000 }, (_, index) => `${index + 1}\n`).join('');
    const { stdout } = await home.bgjobs(['output', id]);
    assert.ok(stdout === expected, `${stdout.length} of ${expected.length} bytes`);
    const page = await home.json<Output>(['output', id]);
    assert.equal(page.more, true);
    const next = await home.json<Output>(['output', id, '--since', String(page.next)]);
    assert.ok(expected.startsWith(text(page.chunks) + text(next.chunks)));
  });

  it('has the lines that a terminal shows with --tail, and of a match, wherever they go', async () => {
    const bar = (n: number): string => String.raw`printf '\r%s%%' ${n} >&2`;
    const frame = (n: number): string => String.raw`printf 'a %s\nb %s\033[A\r' ${n} ${n}`;
    const id = await finished(`echo one; ${frame(1)}; ${frame(2)}; printf '\\n\\n'; ${bar(50)}; ${bar(99)}; echo >&2`);
    const print = async (...args: string[]): Promise<string[]> => {
      const { stdout, stderr } = await home.bgjobs(['output', id, ...args]);
      return [stdout, stderr];
    };
    assert.deepEqual(await print('--tail', '4'), ['one\na 2\nb 2\n', '99%\n']);
    assert.deepEqual(await print('--tail', '2', '--stream', 'stdout'), ['a 2\nb 2\n', '']);
    assert.deepEqual(await print('--grep', '50'), ['', '50%\n']);
    assert.deepEqual(await print('--tail', '1', '--stream', 'stderr', '--raw'), ['', '\r50%\r99%\n']);
    assert.deepEqual(await print('--stream', 'stderr'), ['', '\r50%\r99%\n']);
  });

  it('gives a terminal no control codes of the job but colors, unless it is asked to', async function () {
    if (process.platform !== 'linux') this.skip();
    const clear = '\x1b[2J\x1b[3J\x1b[H';
    const id = await finished(String.raw`printf '\033[2J\033[3J\033[H\033[32mgreen\033[0m\r\n'`);
    const onTerminal = async (...args: string[]): Promise<string> => {
      const line = [process.execPath, await bundledCli(), 'output', id, ...args].map((word) => `'${word}'`).join(' ');
      const env = { BGJOBS_HOME: home.path };
      return (await execa('script', ['-qec', line, '/dev/null'], { env, stdin: 'ignore', stripFinalNewline: false }))
        .stdout;
    };
    const shown = await onTerminal();
    assert.ok(shown.endsWith('\x1b[32mgreen\x1b[0m\r\n') && !shown.includes(clear), JSON.stringify(shown));
    assert.ok((await onTerminal('--raw')).includes(clear));
  });

  it('follows a job to its end', async () => {
    const job = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', 'echo up; read x; echo "got $x" >&2']);
    const running = await home.start(['output', job.id, '--follow']);
    await until('what is there is shown', () => (running.stdout() === 'up\n' ? true : undefined));
    await home.bgjobs(['input', job.id, 'it']);
    const result = await running.ended;
    assert.deepEqual([result.code, result.stdout, result.stderr], [0, 'up\n', 'got it\n']);
  });

  it('follows with --json, one chunk a line', async () => {
    const job = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', 'echo up; read x; echo "got $x"']);
    const running = await home.start(['output', job.id, '--follow', '--json']);
    await until('what is there is shown', () => (running.stdout().includes('up') ? true : undefined));
    await home.bgjobs(['input', job.id, 'it']);
    const { code, stdout } = await running.ended;
    const chunks = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Chunk);
    assert.equal(code, 0);
    assert.equal(text(chunks), 'up\ngot it\n');
    assert.deepEqual(
      chunks.map((chunk) => chunk.seq),
      [3, 10],
    );
  });

  it('follows from the last lines on', async () => {
    const job = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', 'echo 1; echo 2; echo 3; read x; echo 4']);
    await home.json(['wait', job.id, '--for', '/3/']);
    const running = await home.start(['output', job.id, '-f', '-n', '1']);
    await until('the last line is shown', () => (running.stdout() === '3\n' ? true : undefined));
    await home.bgjobs(['input', job.id, '']);
    assert.equal((await running.ended).stdout, '3\n4\n');
  });

  it('follows a job that has not started yet', async () => {
    const job = await home.run(['--hold', '--', 'echo', 'at last']);
    assert.equal((await home.bgjobs(['output', job.id])).stdout, '');
    const running = await home.start(['output', job.id, '--follow']);
    await home.bgjobs(['release', job.id]);
    assert.equal((await running.ended).stdout, 'at last\n');
  });

  it('shows an earlier run', async () => {
    const id = await finished('echo run');
    await home.json(['restart', id]);
    await home.ended(id);
    const first = await home.bgjobs(['output', id, '--run', '1']);
    assert.equal(first.stdout, 'run\n');
    assert.equal((await home.error(3, ['output', id, '--run', '7'])).code, 'run_not_found');
  });

  it('refuses invalid and contradictory options', async () => {
    const id = await finished('echo x');
    for (const args of [
      ['--stream', 'both'],
      ['--range', '5'],
      ['--range', '9-3'],
      ['--grep', '('],
      ['--tail', 'few'],
      ['--json', '--raw'],
    ]) {
      assert.equal((await home.bgjobs(['output', id, ...args])).code, 2, args.join(' '));
    }
    assert.equal((await home.error(3, ['output', 'ffffffff-0000'])).code, 'job_not_found');
  });

  for (const [what, replace, text] of [
    ['a named pipe', (path: string) => execFileSync('mkfifo', [path]), /The log .* has been replaced by something/],
    ['a folder', (path: string) => mkdirSync(path), /The log .* has been replaced by something/],
    ['nothing', () => undefined, /The log .*stdout\.log has been removed/],
  ] as const) {
    it(`says that there is ${what} instead of the log`, async () => {
      const id = await finished('echo one');
      const { stdout } = (await home.json<Job>(['status', id])).runs[0]!.logs;
      rmSync(stdout);
      replace(stdout);
      // The positions of text that is gone are told all the same, without the text.
      const readers = what === 'nothing' ? [['--raw']] : [[], ['--raw'], ['--tail', '1']];
      for (const args of readers) {
        const result = await home.bgjobs(['output', id, ...args]);
        assert.deepEqual([result.code, result.stdout], [4, ''], result.stderr);
        assert.match(result.stderr, text);
        assert.equal(result.stderr.trim().split('\n').length, 1);
      }
      const client = await connect({ home: home.path, start: false });
      const raw = client.getOutput(id, {});
      if (what !== 'nothing') await assert.rejects(raw, text);
      else assert.equal((await raw).status, 'completed');
      client.dispose();
    });
  }
});
