import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../scripts/editor/freePort.ts';
import type { WaitResult } from '../../src/api/control.ts';
import type { Job } from '../../src/api/job.ts';
import { type Home, useHome } from '../helpers/cli.ts';
import { serveHere } from '../helpers/loopbackServer.ts';
import { until } from '../helpers/until.ts';
import { usualPort } from '../helpers/usualPort.ts';

/** A program that serves the port, once the file `go` is there. */
const serving = (port: number, says = ''): string[] => {
  const script = `console.log('${says}');
    const { existsSync } = require('node:fs');
    const timer = setInterval(() => {
      if (!existsSync('go')) return;
      clearInterval(timer);
      require('node:http').createServer((q, r) => r.end('ok')).listen(${port}, '127.0.0.1');
    }, 20);`;
  return [process.execPath, '-e', script];
};

const go = (home: Home): void => writeFileSync(join(home.path, 'go'), '');

async function says(home: Home, id: string): Promise<string> {
  const told = await until('it is said', async () => (await home.json<Job>(['status', id])).readyText ?? undefined);
  return told;
}

describe('bgjobs run --ready-when', () => {
  const home = useHome();
  beforeEach(() => rmSync(join(home.path, 'go'), { force: true }));

  it('detects readiness by a port, a URL, a line, any port and a file', async () => {
    const [one, two, three, four] = [await freePort(), await freePort(), await freePort(), await usualPort()];
    const waits = (then: string): string[] => ['sh', '-c', `until [ -e go ]; do sleep 0.02; done; ${then}; sleep 600`];
    const cases: [what: string, argv: string[], url: string | null][] = [
      [`port:${one}`, serving(one), `http://localhost:${one}`],
      [`http://localhost:${two}/up?x=1`, serving(two), `http://localhost:${two}/up?x=1`],
      ['/SEE HTTP/i', serving(three, `see http://127.0.0.1:${three}/`), `http://127.0.0.1:${three}/`],
      ['listening', serving(four), `http://localhost:${four}`],
      ['file:there', waits('touch there'), null],
    ];
    const jobs = await Promise.all(
      cases.map(([what, argv]) => home.run(['--name', what, '--ready-when', what, '--', ...argv])),
    );
    for (const { id } of jobs) assert.equal((await home.reaches(id, 'running')).ready, false);
    assert.match((await home.bgjobs(['list'])).stdout, /running, not ready .*file:there/);
    go(home);
    for (const [index, [what, , url]] of cases.entries()) {
      const { id } = jobs[index]!;
      const { timedOut, job } = await home.json<WaitResult>(['wait', id, '--for', 'ready']);
      assert.deepEqual([timedOut, job.status, job.ready, job.url], [false, 'running', true, url], what);
    }
    const [first] = jobs;
    const { stdout } = await home.bgjobs(['status', first!.id]);
    assert.match(stdout, new RegExp(`^Status .*running for .*, ready at http://localhost:${one}$`, 'm'));
    assert.match(stdout, new RegExp(`^Ready +yes, localhost:${one} accepts connections$`, 'm'));
    assert.match((await home.bgjobs(['list'])).stdout, /running, ready .*file:there/);
    await home.bgjobs(['kill', '--all']);
    const ended = await home.json<Job>(['status', first!.id]);
    assert.deepEqual([ended.status, ended.ready, ended.url], ['killed', false, null]);
  });

  it('knows the real server of a web project by the address that it prints', async () => {
    writeFileSync(join(home.path, 'index.html'), '<h1>up</h1>');
    const script = join(import.meta.dirname, '..', '..', 'node_modules', 'http-server', 'bin', 'http-server');
    const argv = [process.execPath, script, '-p', String(await freePort()), '-a', '127.0.0.1', '-c-1'];
    const job = await home.run(['--ready-when', '/https?:\\/\\//', '--wait-ready', '--', ...argv]);
    assert.deepEqual([job.status, job.ready], ['running', true]);
    const page = await fetch(job.url ?? '');
    assert.match(await page.text(), /<h1>up<\/h1>/);
    await home.bgjobs(['kill', job.id]);
  });

  it('exits with 1 when the job fails, although it has printed what was waited for', async () => {
    await using stranger = await serveHere();
    const wait = (what: string, ...argv: string[]) =>
      home.bgjobs(['run', '--ready-when', what, '--wait-ready', '--', ...argv]);
    const taken = await wait(
      '/ready/i',
      process.execPath,
      '-e',
      `require('net').createServer().listen(${stranger.port})`,
    );
    assert.deepEqual([taken.code, /^\w+ failed, not ready /.test(taken.stdout)], [1, true]);
    const link = await wait('/https?:/', 'sh', '-c', 'echo see https://example.org/e >&2; exit 1');
    assert.deepEqual([link.code, /failed/.test(link.stdout)], [1, true]);
    assert.doesNotMatch(link.stdout, /Ready: yes/);
  });

  it('says why a job is not ready', async () => {
    const port = await freePort();
    const url = `http://localhost:${port}/nothing`;
    const script = `require('http').createServer((q, r) => r.writeHead(404).end()).listen(${port})`;
    const options = ['--ready-when', url, '--ready-timeout', '1s', '--wait-ready'];
    const { code, stdout } = await home.bgjobs(['run', ...options, '--', process.execPath, '-e', script]);
    assert.equal(code, 1);
    assert.match(stdout, new RegExp(`^Ready: no, not ready within 1 s: ${url} answers 404\\.$`, 'm'));
    const [id = ''] = stdout.split(' ');
    assert.match((await home.bgjobs(['status', id])).stdout, /^Ready +no, not ready within 1 s: .* answers 404$/m);
    await home.bgjobs(['kill', id]);
  });

  it('continues to check after the host was killed, and counts the time from the start of the job', async () => {
    const port = await freePort();
    const [url, file] = [
      await home.run(['--ready-when', `http://127.0.0.1:${port}/`, '--', ...serving(port)]),
      await home.run(['--ready-when', 'file:never', '--ready-timeout', '1s', '--', 'sleep', '600']),
    ];
    const { pid } = await home.json<{ pid: number }>(['host', 'status']);
    process.kill(pid, 'SIGKILL');
    go(home);
    const { job } = await home.json<WaitResult>(['wait', url.id, '--for', 'ready']);
    assert.deepEqual([job.ready, job.run, job.url], [true, 1, `http://127.0.0.1:${port}/`]);
    const late = await home.bgjobs(['wait', file.id, '--for', 'ready']);
    assert.equal(late.code, 1);
    assert.match(late.stderr, /was not ready in time/);
    assert.match(late.stdout, /^Ready: no, not ready within 1 s$/m);
    await home.bgjobs(['kill', '--all']);
  });

  it('reports why a job is canceled that waited for readiness in vain', async () => {
    const why = async (line: string, ...options: string[]): Promise<[string, string]> => {
      const server = await home.run(['--ready-when', '/never/', ...options, '--', 'sh', '-c', line]);
      const { id } = await home.run(['--after', `${server.id}:ready`, '--', 'true']);
      const { reasonText } = await home.ended(id);
      await home.bgjobs(['kill', server.id]);
      return [reasonText ?? '', `job ${server.shortId}`];
    };
    const [late, server] = await why('exec sleep 600', '--ready-timeout', '200ms');
    assert.equal(late, `${server} was not ready in time`);
    const [over, other] = await why('true');
    assert.equal(over, `${other} was completed without being ready`);
  });

  it('stops a job that is not ready in time, if requested', async () => {
    const options = ['--ready-when', '/never/', '--ready-timeout', '200ms', '--if-not-ready', 'stop'];
    const started = await home.bgjobs(['run', '--wait-ready', ...options, '--', 'sleep', '600']);
    assert.equal(started.code, 1);
    const [id = ''] = started.stdout.split(' ');
    const job = await home.ended(id);
    assert.deepEqual([job.status, job.reason, job.ready, job.signal], ['timed_out', 'not_ready', false, 'SIGTERM']);
    assert.match((await home.bgjobs(['status', id])).stdout, /timed out before it was ready \(SIGTERM\)/);
  });

  it('is not misled by a server of another program or job on the port', async () => {
    await using stranger = await serveHere();
    const { port } = stranger;
    const job = await home.run(['--ready-when', `port:127.0.0.1:${port}`, '--', ...serving(port)]);
    assert.match(await says(home, job.id), new RegExp(`process ${process.pid} .* has had it since before this run`));
    const { timedOut } = JSON.parse(
      (await home.bgjobs(['wait', job.id, '--json', '--for', 'ready', '--timeout', '0'])).stdout,
    ) as WaitResult;
    assert.equal(timedOut, true);
    // The other job waits for the port as well, and gets it first.
    const argv = ['--ready-when', `port:127.0.0.1:${port}`, '--', 'sleep', '600'];
    await stranger.close();
    const other = await home.run(argv);
    go(home);
    assert.equal((await home.json<WaitResult>(['wait', job.id, '--for', 'ready'])).job.ready, true);
    assert.match(await says(home, other.id), new RegExp(`process \\d+ .* of job ${job.shortId} has it`));
    assert.equal((await home.json<Job>(['status', other.id])).ready, false);
    await home.bgjobs(['kill', '--all']);
  });

  it('refuses meaningless values', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await home.bgjobs(['run', ...args, '--', 'true']);
      assert.equal(code, 2, args.join(' '));
      return stderr;
    };
    assert.match(await refused('--ready-when', '3000'), /listening, port:3000, http.*\/pattern\/i/);
    assert.match(await refused('--ready-when', 'port:99999'), /readyWhen\.port/);
    assert.match(await refused('--ready-when', 'port:http://localhost:3000'), /readyWhen\.host: must be the name/);
    assert.match(await refused('--ready-when', '/(/'), /Invalid pattern/);
    assert.match(await refused('--ready-timeout', '3s'), /require --ready-when/);
    assert.match(await refused('--wait-ready'), /requires --ready-when/);
    const job = await home.run(['--', 'true']);
    const error = await home.error(2, ['wait', job.id, '--for', 'ready']);
    assert.match(error.message, /started without readyWhen/);
  });
});
