import assert from 'node:assert/strict';
import type { KillResult } from '../../src/api/control.ts';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('a job by its name', () => {
  const home = useHome();
  const named = (name: string, ...command: string[]): Promise<Job> =>
    home.run(['--name', name, '--', ...(command.length > 0 ? command : ['sleep', '600'])]);

  it('is the running one, else the one that waits, else the newest that has ended', async () => {
    const first = await home.ended((await named('server', 'true')).id);
    assert.equal((await home.json<Job>(['status', 'server'])).id, first.id);
    const second = await home.ended((await named('server', 'true')).id);
    assert.equal((await home.json<Job>(['status', 'server'])).id, second.id);
    const held = await home.run(['--name', 'server', '--hold', '--', 'true']);
    assert.equal((await home.json<Job>(['status', 'server'])).id, held.id);
    const running = await named('server');
    assert.equal((await home.json<KillResult>(['kill', 'server'])).job.id, running.id);
    assert.equal((await home.json<Job>(['status', 'server'])).id, held.id);
  });

  it('is not guessed where several run: the candidates are told', async () => {
    const [one, two] = [await named('twin'), await named('twin')];
    const { code, message, details } = await home.error(2, ['kill', 'twin']);
    assert.equal(code, 'invalid_request');
    assert.equal(message, 'Several jobs that have not ended are named "twin". Use the id of one.');
    const candidates = (details as { jobs: Job[] }).jobs.map(({ shortId }) => shortId);
    assert.deepEqual(candidates, [two.shortId, one.shortId]);
    const told = await home.bgjobs(['kill', 'twin']);
    assert.match(told.stderr, new RegExp(`  ${two.shortId} running twin\n  ${one.shortId} running twin\n`));
    await home.bgjobs(['kill', one.id, two.id]);
  });

  it('gives way to the id of a job, and may have a colon', async () => {
    const job = await named('build:css:2', 'true');
    await home.ended('build:css:2');
    const { id } = await named(job.shortId, 'true');
    assert.equal((await home.json<Job>(['status', job.shortId])).id, job.id);
    assert.equal((await home.json<Job>(['wait', id]).then(() => home.json<Job>(['status', 'build:css:2']))).id, job.id);
  });

  it('goes before the beginning of an id that is shorter than the ids that are shown', async () => {
    const other = await home.ended((await named('whatever', 'true')).id);
    const short = await home.ended((await named(other.id.slice(0, 2), 'true')).id);
    assert.equal((await home.json<Job>(['status', other.id.slice(0, 2)])).id, short.id);
    assert.equal((await home.json<Job>(['status', other.shortId])).id, other.id);
    await home.json(['remove', other.id]);
    const events = await home.start(['events', '--since', '0', '--json', '--job', other.id.slice(0, 2)]);
    await until('the events of one job', () => (events.stdout().includes('"to":"completed"') ? true : undefined));
    events.child.kill();
    assert.ok(!events.stdout().includes(other.id));
  });

  it('stands wherever an id goes', async () => {
    const array = await home.run(['--name', 'my tests', '--array', '1-3', '--', 'true']);
    await home.ended('my tests');
    assert.equal((await home.json<Job>(['status', 'my tests:2'])).task?.array, array.id);
    assert.equal((await home.json<JobList>(['list', '--array', 'my tests'])).total, 3);
    const db = await named('db');
    const app = await home.run(['--name', 'app', '--after', 'db:started', '--after', 'my tests', '--', 'echo', 'up']);
    assert.deepEqual(
      app.dependsOn.map(({ job }) => job),
      [db.id, array.id],
    );
    await home.ended('app');
    assert.equal((await home.bgjobs(['logs', 'app'])).stdout, 'up\n');
    await home.bgjobs(['kill', 'db']);
    const nightly = await home.run(['--name', 'nightly', '--cron', '0 3 * * *', '--', 'true']);
    await home.json(['release', 'nightly']);
    assert.deepEqual(
      (await home.json<JobList>(['list', '--schedule', 'nightly'])).jobs.map(({ schedule }) => schedule),
      [nightly.id],
    );
  });

  it('is @last for the newest, and @failed for the last one that failed', async () => {
    const bad = await home.ended((await named('bad', 'false')).id);
    const good = await home.ended((await named('good', 'true')).id);
    assert.equal((await home.json<Job>(['status', '@last'])).id, good.id);
    const again = await home.json<Job>(['restart', '@failed']);
    assert.equal(again.id, bad.id);
    await home.ended(bad.id);
  });

  it('that nobody has is told with the newest jobs', async () => {
    const { code, message } = await home.error(3, ['status', 'servr']);
    assert.deepEqual([code, message], ['job_not_found', 'No job has the id or the name "servr".']);
  });
});
