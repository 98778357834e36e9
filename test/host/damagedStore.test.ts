import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { stopHost } from '../../src/client/hostControl.ts';
import type { HostInfo } from '../../src/api/host.ts';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { until } from '../helpers/until.ts';

/** Exit codes of the jobs that have ended. */
const codes = [0, 3, 7, 0, 255, 1];

describe('a damaged store', () => {
  const home = useHostHome();
  const file = (name: string): string => join(home.path, name);
  const poke = (name: string, at: number, bytes: Buffer): void => {
    const opened = openSync(file(name), 'r+');
    writeSync(opened, bytes, 0, bytes.length, at);
    closeSync(opened);
  };

  /** Jobs of all kinds, and a host that is gone. @returns the ids of those that have ended, and of one that runs */
  async function used(leave: 'stopped' | 'killed'): Promise<{ ended: string[]; running: string }> {
    const client = await home.connect();
    const start = async (script: string): Promise<string> =>
      (await client.startJob({ argv: ['sh', '-c', script], cwd: home.path })).job.id;
    const running = await start('echo up; while ! [ -e told ]; do sleep 0.05; done; exit 5');
    // What follows is in the write-ahead log alone.
    await until('the first checkpoint', () => (marked() > 0 ? true : undefined));
    const ended: string[] = [];
    for (const code of codes) {
      const id = await start(`echo "I end with ${code}"; exit ${code}`);
      await client.waitForJob(id, { for: 'exit' });
      ended.push(id);
    }
    const { next } = await client.getEvents({});
    await until('the last change is marked', () => (marked() === next ? true : undefined));
    if (leave === 'killed') await home.killHost();
    else await stopHost(home.options());
    client.dispose();
    return { ended, running };
  }

  function marked(): number {
    return existsSync(file('jobs.mark')) ? Number(readFileSync(file('jobs.mark'), 'utf8')) : 0;
  }

  /** Everything is there once, with its exit code and its output, and the job that runs goes on to its end. */
  async function checkAll({ ended, running }: { ended: string[]; running: string }): Promise<[HostInfo, Job[]]> {
    const client = await home.connect();
    const list: JobList = await client.listJobs({ limit: 100 });
    assert.deepEqual(list.jobs.map(({ id }) => id).sort(), [...ended, running].sort());
    const jobs = await Promise.all(ended.map((id) => client.getJob(id)));
    assert.deepEqual(
      jobs.map(({ exitCode, runs }) => [exitCode, runs.length]),
      codes.map((code) => [code, 1]),
    );
    for (const [index, { id }] of jobs.entries()) {
      const { chunks } = await client.getOutput(id);
      assert.equal(chunks.map(({ text }) => text).join(''), `I end with ${codes[index]}\n`);
    }
    assert.equal((await client.getJob(running)).status, 'running');
    writeFileSync(file('told'), '');
    const { job } = await client.waitForJob(running, { for: 'exit' });
    assert.deepEqual([job.status, job.exitCode, job.run], ['failed', 5, 1]);
    return [await client.getHost(), list.jobs];
  }

  for (const [what, from, to] of [
    ['the name of a column', 'reasonText TEXT', 'reasonTexu TEXT'],
    ['a word of a definition', 'CREATE TABLE jobs', 'CREATF TABLE jobs'],
    ['the name of a table', 'CREATE TABLE runs', 'CREATE TABLE rums'],
  ] as const) {
    it(`with another byte in ${what} is read into a new one, whole`, async () => {
      const jobs = await used('stopped');
      // Also where it stands no more.
      const text = readFileSync(file('jobs.db'), 'latin1');
      assert.ok(text.includes(from));
      writeFileSync(file('jobs.db'), text.replaceAll(from, to), 'latin1');
      const [{ warnings }, list] = await checkAll(jobs);
      assert.match(warnings.join('\n'), /damaged.*set aside as .*All of its 7 jobs were read into a new store/);
      assert.ok(list.every(({ name }) => name === null));
    });
  }

  it('that is cut to half its length keeps what can be read, and the rest comes from the folders of the runs', async () => {
    const jobs = await used('stopped');
    truncateSync(file('jobs.db'), Math.floor(statSync(file('jobs.db')).size / 2));
    const [{ warnings }] = await checkAll(jobs);
    assert.match(warnings.join('\n'), /damaged/);
  });

  it('has the jobs that cannot be read from its last copy, without those that may have run since', async () => {
    const jobs = await used('stopped');
    const client = await home.connect();
    // The next checkpoint is followed by a copy.
    unlinkSync(file('jobs.db.backup'));
    await client.updateJob(jobs.ended[0]!, { pinned: true });
    await until('there is a copy', () => existsSync(file('jobs.db.backup')) || undefined);
    await stopHost(home.options());
    client.dispose();
    // Only the copy has what the jobs were.
    writeFileSync(file('jobs.db'), 'x'.repeat(8192));
    const next = await home.connect();
    const { jobs: found } = await next.listJobs({ limit: 100 });
    const named = found.filter(({ name }) => name === null).map(({ argv, exitCode }) => [argv?.[2], exitCode]);
    const expected = codes.map((code) => [`echo "I end with ${code}"; exit ${code}`, code]);
    assert.deepEqual(named.reverse(), expected);
    assert.equal((await next.getJob(jobs.running)).status, 'running');
    assert.match((await next.getHost()).warnings.join('\n'), /damaged.*6 of them from the last copy/);
  });

  const losses: Record<string, () => void> = {
    'was removed': () => unlinkSync(file('jobs.db-wal')),
    'was emptied': () => truncateSync(file('jobs.db-wal'), 0),
    'was cut': () => truncateSync(file('jobs.db-wal'), Math.floor(statSync(file('jobs.db-wal')).size / 3)),
    'is damaged near its beginning': () => poke('jobs.db-wal', 5000, Buffer.from('rubbish!')),
  };
  for (const [name, lose] of Object.entries(losses)) {
    it(`whose write-ahead log ${name} says so, and takes what is missing from the folders of the runs`, async () => {
      const jobs = await used('killed');
      const before = marked();
      lose();
      const [{ warnings }] = await checkAll(jobs);
      assert.match(
        warnings.join('\n'),
        /The last \d+ changes of the store are missing: jobs.db or its write-ahead log/,
      );
      const client = await home.connect();
      const { events } = await client.getEvents({ since: before, limit: 1000 });
      assert.ok(events.length > 0 && events.every(({ seq }) => seq > before), 'numbers of events are not given again');
    });
  }

  it('that was removed while no host ran says so as well', async () => {
    const jobs = await used('stopped');
    unlinkSync(file('jobs.db'));
    const [{ warnings }, list] = await checkAll(jobs);
    assert.match(warnings.join('\n'), /changes of the store are missing/);
    assert.match(warnings.join('\n'), /7 runs that were missing/);
    assert.ok(list.every((job) => job.name === 'Recovered job' && job.session === 'recovered'));
  });
});
