import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { KillResult, WaitResult } from '../../src/api/control.ts';
import type { EventPage } from '../../src/api/events.ts';
import type { JobList } from '../../src/api/job.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { useHome } from '../helpers/cli.ts';

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'http-api.md'), 'utf8');
const examples = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, example = '']) => example);

/** The examples stand for themselves: they are run as they are written, one after the other in one shell. */
describe('the examples of docs/http-api.md', () => {
  const home = useHome();

  it('do what the document says', async function () {
    if (spawnSync('curl', ['--version']).error) {
      console.log('    skipped: there is no curl on this machine');
      this.skip();
    }
    const bin = join(home.path, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'bgjobs'), `#!/bin/sh\nexec '${process.execPath}' '${await bundledCli()}' "$@"\n`);
    chmodSync(join(bin, 'bgjobs'), 0o755);
    const separator = '=== next example ===';
    const script = examples.join(`\necho; echo '${separator}'\n`).replaceAll('8123', String(await freePort()));
    assert.doesNotMatch(script, /8123/);
    const answers = (await run(script, bin)).split(`\n${separator}\n`).map((answer) => answer.trim());
    assert.equal(answers.length, examples.length);
    const [host = '', start, wait = '', output = '', kill = '', list = '', events = '', metrics = ''] = answers;

    assert.match(host, /\{"version":/);
    assert.equal(start, '');
    const waited = JSON.parse(wait) as WaitResult;
    assert.deepEqual([waited.timedOut, waited.job.status, waited.job.name], [false, 'completed', 'build']);
    assert.match(output, /^building\ndone\ndone\n\{"chunks":\[.*\}building\ndone$/);
    const killed = JSON.parse(kill) as KillResult;
    assert.deepEqual([killed.result, killed.signal, killed.job.reasonText], ['killed', 'SIGINT', 'no longer needed']);
    assert.deepEqual(
      (JSON.parse(list) as JobList).jobs.map(({ status }) => status),
      ['killed', 'completed'],
    );
    const pages = events.split(/(?<=\})(?=\{"events")/).map((page) => JSON.parse(page) as EventPage);
    assert.deepEqual(
      pages.map(({ events: found, more }) => [found.length > 0, more]),
      [
        [false, false],
        [true, true],
        [true, false],
      ],
    );
    assert.ok(pages[2]?.events.every(({ jobId }) => jobId === killed.job.id));
    assert.match(metrics, /^bgjobs_jobs\{status="completed"\} 1$/m);
  });

  async function run(script: string, bin: string): Promise<string> {
    const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: home.path, SHELL: '/bin/sh', BGJOBS_HOME: home.path };
    const shell = spawn('sh', ['-eu'], { env, cwd: home.path, stdio: ['pipe', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      shell[name].setEncoding('utf8').on('data', (part: string) => (said[name] += part));
    }
    // What an example has left behind when it failed would keep the output open.
    shell.stdin.end(`trap 'kill $(jobs -p) 2>&- || :' EXIT\n${script}`);
    const [code] = (await once(shell, 'close')) as [number | null];
    assert.equal(code, 0, JSON.stringify(said));
    return said.stdout;
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
