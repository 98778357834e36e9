import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

type Values = Record<string, unknown>;
type OldRun = Values & { runId: string; status: string };
type OldJob = Values & {
  id: string;
  name: string;
  status: string;
  ready?: boolean | null;
  runs: OldRun[];
  waitingFor?: unknown;
};
interface Page extends Values {
  readonly chunks: readonly (Values & { text: string })[];
}
type Event = Values & { seq: number; jobId: string; to: string | null; reason: string | null };

/** What version 0.2.0 says of its own store. */
interface Expected {
  readonly jobs: readonly OldJob[];
  readonly outputs: Readonly<Record<string, Page>>;
  readonly agentEvents: Values;
  readonly queue: { readonly pausedSessions: string[]; readonly jobs: string[] };
  readonly limits: Values;
  readonly events: readonly Event[];
}

const fixture = join(import.meta.dirname, '..', 'fixtures', 'store-0.2.0');
const expected = JSON.parse(readFileSync(join(fixture, 'expected.json'), 'utf8')) as Expected;
/** Longer texts were cut there. */
const longestText = 200;

describe('a store that version 0.2.0 wrote', () => {
  const home = useHome();
  const named = (name: string): OldJob => expected.jobs.find((job) => job.name === name) ?? assert.fail(name);
  const read = async <T>(...args: string[]): Promise<T> => {
    const document = await home.json<T>(args);
    return JSON.parse(JSON.stringify(document).replaceAll(home.path, 'HOME')) as T;
  };

  before(async () => {
    cpSync(join(fixture, 'home'), home.path, { recursive: true });
    await home.json(['host', 'start']);
  });

  it('has every job with its runs and options, and active runs are lost', async () => {
    const { jobs, total } = await read<{ jobs: OldJob[]; total: number }>('list', '--limit', '100');
    assert.deepEqual([jobs.length, total], [expected.jobs.length, expected.jobs.length]);
    // A job that was ended is not ready any more. Version 0.2.0 still called it ready.
    const notReady = { ready: false, readyText: null, url: null };
    for (const [index, job] of jobs.entries()) {
      const before = expected.jobs[index];
      assert.partialDeepStrictEqual(
        job,
        job.status === 'killed' && before?.ready ? { ...before, ...notReady } : before,
      );
    }
    const lost = jobs.filter(({ status }) => status === 'lost').map(({ name }) => name);
    assert.deepEqual(lost.sort(), ['retry when lost', 'running', 'was paused', 'was stopping']);
    const yearly = jobs.find(({ name }) => name === 'yearly');
    assert.match(String(yearly?.['dueAt']), /^20\d\d-01-01T04:00:00\.000Z$/);
    assert.ok(Date.parse(String(yearly?.['dueAt'])) > Date.now());
  });

  it('has the output of every run, and the messages of a coding agent', async () => {
    for (const [runId, page] of Object.entries(expected.outputs)) {
      const [id = '', number = ''] = runId.split('.');
      const output = await read<Page>('output', id, '--run', number);
      const chunks = output.chunks.map((chunk) => ({ ...chunk, text: chunk.text.slice(0, longestText) }));
      assert.partialDeepStrictEqual({ ...output, chunks }, page, runId);
    }
    assert.partialDeepStrictEqual(await read('agent-events', named('agent').id), expected.agentEvents);
    const dropped = (await home.bgjobs(['output', named('dropped').id])).stdout;
    assert.ok(dropped.endsWith('a line of a log that is too long for its limit\nthe end\n'));
  });

  it('has every event, also of removed jobs, and continues their numbers', async () => {
    const watching = await home.start(['events', '--since', '0', '--json']);
    const { length } = expected.events;
    const lines = await until('the events are there', () => {
      const found = watching.stdout().split('\n').slice(0, -1);
      return found.length >= length + 4 ? found : undefined;
    });
    watching.child.kill('SIGINT');
    await watching.ended;
    const events = lines.map((line) => JSON.parse(line) as Event);
    assert.partialDeepStrictEqual(events.slice(0, length), expected.events);
    const ids = expected.jobs.filter(({ status }) => status === 'lost').map(({ id }) => id);
    const ends = events.slice(length).filter(({ to }) => to === 'lost');
    assert.deepEqual(ends.map(({ jobId }) => jobId).sort(), ids.sort());
    for (const { reason } of ends) assert.equal(reason, 'reboot');
    const known = new Set(expected.jobs.map(({ id }) => id));
    assert.ok(events.some(({ jobId }) => !known.has(jobId)));
  });

  it('has its queue, its pauses and its limits', async () => {
    const queue = await read<{ paused: boolean; pausedSessions: string[]; jobs: OldJob[] }>('queue');
    const names = queue.jobs.map(({ name }) => name);
    assert.equal(queue.paused, false);
    assert.deepEqual(queue.pausedSessions, expected.queue.pausedSessions);
    assert.deepEqual(names.toSorted(), expected.queue.jobs.toSorted());
    assert.ok(names.indexOf('moved up') < names.indexOf('first in line'));
    const noQuotas = { quotas: {}, quotasPerSession: {}, sessionQuotas: {} };
    assert.deepEqual(await read('limits'), { ...expected.limits, ...noQuotas });
  });

  it('is sound: no record was set aside, and no file remains', async () => {
    const { stdout } = await home.bgjobs(['doctor', '--json']);
    const { checks } = JSON.parse(stdout) as { checks: { id: string; status: string }[] };
    const status = (id: string) => checks.find((check) => check.id === id)?.status;
    assert.deepEqual(['store', 'damaged', 'runs'].map(status), ['ok', 'ok', 'ok']);
    assert.deepEqual(
      readdirSync(home.path).filter((name) => name.includes('damaged')),
      [],
    );
    assert.doesNotMatch(readFileSync(join(home.path, 'host.log'), 'utf8'), / (warn|error) /);
  });

  it('starts held jobs, then jobs that wait for them, and restarts lost and failed jobs', async () => {
    await home.json(['release', named('held').id]);
    const held = await home.ended(named('held').id);
    assert.deepEqual([held.status, held.exitCode, held.run], ['completed', 0, 1]);
    assert.equal((await home.bgjobs(['output', held.id])).stdout, 'hello none\n');
    assert.equal((await home.ended(named('after held').id)).status, 'completed');
    assert.equal((await home.bgjobs(['output', named('after held').id])).stdout, 'followed\n');
    await home.json(['restart', named('running').id]);
    await home.json(['wait', named('running').id, '--for', '/before the end/']);
    const running = await home.reaches(named('running').id, 'running');
    assert.deepEqual([running.run, running.runs[0]?.status], [2, 'lost']);
    await home.json(['restart', named('failed').id]);
    const failed = await home.ended(named('failed').id);
    assert.deepEqual(
      failed.runs.map(({ exitCode }) => exitCode),
      [3, 3],
    );
  });

  it('returns the job of a known key', async () => {
    assert.equal((await home.run(['--key', 'once', '--', 'true'])).id, named('every option').id);
  });
});
