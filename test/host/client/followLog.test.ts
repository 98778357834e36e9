import assert from 'node:assert/strict';
import type { ApiClient } from '../../../src/client/apiClient.ts';
import { followText, type FollowChunks } from '../../../src/client/followLog.ts';
import type { JobService } from '../../../src/api/endpoints.ts';
import type { Job } from '../../../src/api/job.ts';
import type { Chunk, OutputQuery } from '../../../src/api/output.ts';
import type { StartRequest } from '../../../src/api/options.ts';
import { useHostHome } from '../../helpers/jobHost.ts';
import { until } from '../../helpers/until.ts';
import { useInProcessHost } from '../../helpers/inProcessHost.ts';

const forever = new AbortController().signal;

describe('following output', () => {
  const host = useInProcessHost();

  async function start(script: string, options: Partial<StartRequest> = {}): Promise<Job> {
    const { job } = await host.client.startJob({ argv: ['sh', '-c', script], cwd: '/', ...options });
    return job;
  }

  async function all(id: string, query: OutputQuery = {}): Promise<Chunk[]> {
    return collect(host.client.followOutput(id, query, forever));
  }

  async function collect(chunks: AsyncIterable<Chunk>): Promise<Chunk[]> {
    const all: Chunk[] = [];
    for await (const chunk of chunks) all.push(chunk);
    return all;
  }

  const textOf = (chunks: Chunk[]): string => chunks.map(({ text }) => text).join('');

  /** Each line of input is printed with the numbers of octal escapes in it made bytes. */
  const printer = 'while read -r x; do printf "$x"; done';

  it('returns the same as reading it afterwards', async () => {
    const job = await start('for n in 1 2 3 4 5; do seq 1 $((n * 500)); seq 1 $((n * 300)) >&2; done');
    const followed = await all(job.id);
    const read = await host.client.getOutput(job.id);
    for (const stream of ['stdout', 'stderr']) {
      const of = (chunks: Chunk[]): string => textOf(chunks.filter((chunk) => chunk.stream === stream));
      assert.equal(of(followed), of(read.chunks));
    }
    assert.equal(followed.at(-1)?.seq, read.next);
    assert.equal(textOf(await all(job.id, { tail: 1, stream: 'stdout' })), '2500\n');
    assert.equal(textOf(await all(job.id, { grep: '^2499$' })), '2499\n');
    const middle = followed[Math.floor(followed.length / 2)]?.seq ?? 0;
    assert.equal(textOf(await all(job.id, { since: middle })), textOf(followed.filter(({ seq }) => seq > middle)));
  });

  it('waits for the output of a job that is being started', async () => {
    for (let round = 0; round < 30; round++) {
      const { id } = await start('echo a; sleep 0.02; echo b', { held: true });
      const released = host.client.releaseJob(id);
      assert.equal(textOf(await all(id)), 'a\nb\n', `round ${round}`);
      await released;
    }
  });

  it('returns a character whole, with its last byte, wherever it is cut', async () => {
    const job = await start(printer, { stdin: { type: 'pipe' } });
    const seen: string[] = [];
    const inputs = ['\\303', '\\251-\\360\\237', '\\230', '\\200', 'z'];
    await host.client.sendInput(job.id, { text: `${inputs[0]}\n` });
    for await (const chunk of host.client.followOutput(job.id, {}, forever)) {
      seen.push(chunk.text);
      const input = inputs[seen.length];
      if (input !== undefined) await host.client.sendInput(job.id, { text: `${input}\n` });
      else await host.client.sendInput(job.id, { eof: true });
      if (seen.length === 1) assert.equal(chunk.text, '');
    }
    assert.deepEqual(seen, ['', 'é-', '', '😀', 'z']);
  });

  it('shows what the run ends within as a replacement character, once', async () => {
    const job = await start("printf 'a\\303'");
    const chunks = await all(job.id);
    assert.equal(textOf(chunks), 'a\ufffd');
    assert.equal(chunks.at(-1)?.seq, 2);
  });

  it('begins within a character when it is asked to', async () => {
    const job = await start("printf 'a\\303\\251b'");
    await host.client.waitForJob(job.id);
    assert.equal(textOf(await all(job.id, { since: 2 })), 'éb');
    assert.equal(textOf((await host.client.getOutput(job.id, { since: 2 })).chunks), 'éb');
  });

  it('keeps a byte order mark', async () => {
    const job = await start("printf '\\357\\273\\277x'");
    assert.equal(textOf(await all(job.id)), '\ufeffx');
  });

  it('returns only positions when no text is requested', async () => {
    const job = await start('echo hello');
    const [chunk] = await all(job.id, { text: 'false' });
    assert.deepEqual([chunk?.seq, chunk?.length, chunk?.text], [6, 6, '']);
  });

  it('leaves out what maxLogBytes has dropped, also between the position and the reading', async () => {
    const job = await start('seq 1 200000', { maxLogBytes: 65_536 });
    await host.client.waitForJob(job.id);
    const { stdoutBytes: length, droppedBytes } = await until('nothing more is to be dropped', async () => {
      const run = await host.client.getRun(`${job.id}.1`);
      return run.stdoutBytes - run.droppedBytes < 90_000 ? run : undefined;
    });
    const kept = textOf((await host.client.getOutput(job.id)).chunks);
    assert.equal(Buffer.byteLength(kept), length - droppedBytes);
    assert.equal(textOf(await all(job.id)), kept);
    // eslint-disable-next-line @typescript-eslint/require-await
    const oldPositions: FollowChunks = async function* () {
      yield { seq: length, time: new Date().toISOString(), stream: 'stdout', offset: 0, length, text: '' };
    };
    assert.equal(textOf(await collect(followText(host.client, oldPositions, job.id, {}, forever))), kept);
  });

  it('asks the host for the text when the files cannot be read', async () => {
    const job = await start("printf 'caf\\303\\251'");
    await host.client.waitForJob(job.id);
    const asked: OutputQuery[] = [];
    const follow: FollowChunks = (id, query, signal) => {
      asked.push(query);
      return host.client.followOutput(id, query, signal);
    };
    const getJob = async (id: string): Promise<Job> => {
      const found = await host.client.getJob(id);
      const logs = { stdout: '/not/here', stderr: null };
      return { ...found, runs: found.runs.map((run) => ({ ...run, logs })) };
    };
    const service = { getJob } as unknown as JobService;
    assert.equal(textOf(await collect(followText(service, follow, job.id, { tail: 1 }, forever))), 'café');
    assert.deepEqual(
      asked.map(({ text, tail }) => [text, tail]),
      [
        ['false', 1],
        [undefined, 1],
      ],
    );
  });

  it('ends without an error when it is aborted', async () => {
    const job = await start('echo x; exec sleep 60');
    for (const query of [{}, { text: 'false' }, { grep: 'x' }]) {
      const abort = new AbortController();
      for await (const chunk of host.client.followOutput(job.id, query, abort.signal)) {
        assert.equal(chunk.seq, 2);
        abort.abort();
      }
    }
    const aborted = new AbortController();
    aborted.abort();
    assert.deepEqual(await collect(host.client.followOutput(job.id, {}, aborted.signal)), []);
  });

  it('fails for a job that does not exist, and for an invalid pattern', async () => {
    await assert.rejects(all('nowhere'), { code: 'job_not_found' });
    const job = await start('echo x');
    await assert.rejects(all(job.id, { grep: '(' }), { code: 'invalid_request' });
    await assert.rejects(all(job.id, { run: 7 }), { code: 'run_not_found' });
  });
});

describe('following output while hosts start and stop', () => {
  const home = useHostHome();

  it('returns every byte once', async () => {
    const client: ApiClient = await home.connect();
    const argv = ['sh', '-c', 'while read x; do echo "$x"; done'];
    const { job } = await client.startJob({ argv, cwd: '/', stdin: { type: 'pipe' } });
    let text = '';
    await client.sendInput(job.id, { text: 'line 0\n' });
    for await (const chunk of client.followOutput(job.id, {}, forever)) {
      text += chunk.text;
      const count = text.split('\n').length - 1;
      if (count === 2) await home.killHost();
      if (count === 4) await client.stopHost();
      await client.sendInput(job.id, count === 6 ? { eof: true } : { text: `line ${count}\n` });
    }
    assert.equal(text, Array.from({ length: 6 }, (_, index) => `line ${index}\n`).join(''));
  });
});
