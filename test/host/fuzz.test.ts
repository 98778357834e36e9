import fc from 'fast-check';
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { homeFiles, readHostRecord } from '../../src/dataDir/dataDir.ts';
import { errorsOf } from '../../src/http/openApi.ts';
import { errorCodes } from '../../src/api/errors.ts';
import type { Job } from '../../src/api/job.ts';
import { errorBody } from '../../src/http/openApi.ts';
import { useHome } from '../helpers/cli.ts';
import { malformed, type Malformed, type Target } from '../helpers/malformed.ts';
import { sendRaw } from '../helpers/rawHttp.ts';
import { Serving } from '../helpers/serve.ts';
import { until } from '../helpers/until.ts';

const seed = 20_260_101;
const batches = 50;
const batchSize = 100;

describe('10,000 requests that make no sense', () => {
  const home = useHome();

  it(`are refused, each with its error, and leave nothing behind (seed ${seed})`, async () => {
    const witness = join(home.path, 'witness');
    // Where the ids with dots in them would lead.
    const traps = ['x', '../x', '../../x', '../../../x'].map((path) => join(home.path, path));
    const wereThere = traps.map((path) => existsSync(path));
    const job = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', 'read x; echo "got $x"; exit 3']);
    const record = readHostRecord(homeFiles(home.path).record);
    assert.ok(record);
    const alone = sockets(record.pid);
    {
      await using serving = await Serving.start(home);
      const pids = [record.pid, serving.served.pid];
      const before = pids.map(sockets);
      const { hostname, port, host } = new URL(serving.served.url);
      const places: [NetConnectOpts, Target][] = [
        [{ path: record.endpoint }, { token: record.token, host: 'localhost', jobId: job.id, witness }],
        [
          { host: hostname, port: Number(port) },
          { token: serving.served.token, host, jobId: job.id, witness },
        ],
      ];
      for (const [place, target] of places) {
        await fuzz(place, target);
        await oversize(place, target);
      }
      // What is left are the connections of serve to the host, which it keeps for later.
      await until('every connection is closed', () => {
        const [ofHost = 0, ofServe = 0] = pids.map((pid, index) => sockets(pid) - (before[index] ?? 0));
        return ofHost === ofServe && ofHost <= batchSize ? true : undefined;
      });
      assert.equal((await serving.ask('GET', '/v1/host')).value['pid'], record.pid, 'the same host answers');
    }

    await until('the host is alone again', () => (sockets(record.pid) <= alone ? true : undefined));
    const jobs = await home.json<{ jobs: Job[]; total: number }>(['list']);
    assert.deepEqual([jobs.total, jobs.jobs[0]?.id, jobs.jobs[0]?.status], [1, job.id, 'running']);
    await home.json(['input', job.id, 'it']);
    assert.deepEqual(await endOf(job), ['failed', 3, 'exit', 1, 'got it\n']);
    const next = await home.run(['--', 'sh', '-c', 'echo next; exit 4']);
    assert.deepEqual(await endOf(next), ['failed', 4, 'exit', 1, 'next\n']);
    assert.deepEqual(readdirSync(join(home.path, 'runs')).sort(), [`${job.id}.1`, `${next.id}.1`].sort());
    assert.ok(!existsSync(witness));
    assert.deepEqual(
      traps.map((path) => existsSync(path)),
      wereThere,
    );
    assert.doesNotMatch(readFileSync(homeFiles(home.path).log, 'utf8'), /\berror\b/);
  });

  async function endOf({ id }: Job): Promise<unknown[]> {
    const { status, exitCode, reason, runs } = await home.ended(id);
    return [status, exitCode, reason, runs.length, (await home.bgjobs(['output', id])).stdout];
  }
});

async function fuzz(place: NetConnectOpts, target: Target): Promise<void> {
  const batch = fc.array(malformed(target), { minLength: batchSize, maxLength: batchSize });
  const refused = fc.asyncProperty(batch, async (requests) => {
    await Promise.all(requests.map((request) => isRefused(place, request)));
  });
  await fc.assert(refused, { seed, numRuns: batches, endOnFailure: true });
}

async function isRefused(place: NetConnectOpts, { kind, bytes, route, cutOff }: Malformed): Promise<void> {
  const { status, text } = await sendRaw(place, bytes, { end: cutOff });
  const said = (): string => `${kind}: ${JSON.stringify(bytes.toString('latin1').slice(0, 600))}\nwas answered ${text}`;
  if (cutOff && text === '') return;
  const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as { results?: unknown[] };
  // Each request of a list is answered by itself.
  const isList = route === 'startJob' && status === 200;
  for (const answer of isList ? (body.results ?? [undefined]) : [body]) {
    const { error } = errorBody.parse(answer, { error: said });
    if (!isList) assert.equal(errorCodes[error.code].status, status, said());
    if (route) assert.ok(errorsOf(route).includes(error.code), said());
  }
}

async function oversize(place: NetConnectOpts, { token, host }: Target): Promise<void> {
  const body = Buffer.alloc(9 * 1024 * 1024, 'x');
  for (const length of [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']) {
    const head = [
      'POST /v1/jobs HTTP/1.1',
      `Host: ${host}`,
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Connection: close',
      length,
    ];
    const content = length.startsWith('T')
      ? [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]
      : [body];
    const { code } = await sendRaw(place, Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...content]));
    assert.equal(code, 'payload_too_large');
  }
}

/** How many sockets a process has open. */
function sockets(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(join(folder, fd)).startsWith('socket:');
    } catch {
      return false; // closed meanwhile
    }
  }).length;
}
