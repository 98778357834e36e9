import assert from 'node:assert/strict';
import { type Queue, queue as queueShape } from '../../src/api/control.ts';
import type { Limits } from '../../src/api/host.ts';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('the queue in the terminal', () => {
  const home = useHome();
  const waiting = (name: string, ...options: string[]): Promise<Job> =>
    home.run(['--name', name, ...options, '--', 'true']);
  const names = async (): Promise<(string | null)[]> =>
    (await home.json<Queue>(['queue'])).jobs.map(({ name }) => name);

  beforeEach(async () => {
    await home.json(['queue', 'pause']);
  });

  afterEach(async () => {
    for (const job of (await home.json<{ jobs: Job[] }>(['list', '--status', 'held'])).jobs) {
      await home.json(['remove', job.id]);
    }
    await home.bgjobs(['kill', '--all']);
    await home.json(['queue', 'resume']);
  });

  it('bgjobs queue shows what waits, in order, and why', async () => {
    const [one, two] = [await waiting('one'), await waiting('two', '--priority', '7')];
    await waiting('late', '--at', '1h');
    await waiting('behind', '--after', one.id);
    const document = queueShape.parse(await home.json(['queue']));
    assert.equal(document.paused, true);
    assert.deepEqual(
      document.jobs.map(({ name }) => name),
      ['two', 'one', 'behind', 'late'],
    );
    const { stdout } = await home.bgjobs(['queue']);
    assert.match(stdout, /^The queue is paused\. No job starts until `bgjobs queue resume`\.\n4 jobs wait, 0 held, /);
    assert.match(stdout, /at most 10 jobs at once, at most 5 per session\.\n/);
    assert.match(stdout, new RegExp(`^${two.shortId} +cli +7 +two +the queue is paused$`, 'm'));
    assert.match(stdout, new RegExp(`behind +waits for ${one.shortId} \\(pending\\) to succeed$`, 'm'));
    assert.match(stdout, /late +starts in (1h|59m \d+s) \(.*\d\d:\d\d:\d\d\)$/m);
  });

  it('bgjobs queue pause and resume hold back one session or all', async () => {
    await home.json(['queue', 'resume']);
    const { pausedSessions } = await home.json<Queue>(['queue', 'pause', '--session', 'nightly']);
    assert.deepEqual(pausedSessions, ['nightly']);
    const held = await waiting('nightly', '--session', 'nightly');
    assert.deepEqual(held.waitingFor, { type: 'paused', scope: 'session' });
    assert.match((await home.bgjobs(['queue'])).stdout, /^The queue of session nightly is paused\.\n1 job waits/);
    assert.equal((await home.ended((await waiting('other')).id)).status, 'completed');
    const { stdout } = await home.bgjobs(['queue', 'resume', '--session', 'nightly']);
    assert.equal(stdout, 'The queue is running.\n');
    assert.equal((await home.ended(held.id)).status, 'completed');
  });

  it('bgjobs move changes the position of a job, to every position', async () => {
    for (const name of ['a', 'b', 'c']) await waiting(name);
    const id = (await home.json<Queue>(['queue'])).jobs.find(({ name }) => name === 'c')?.id ?? '';
    for (const [place, expected] of [
      ['up', ['a', 'c', 'b']],
      ['first', ['c', 'a', 'b']],
      ['down', ['a', 'c', 'b']],
      ['last', ['a', 'b', 'c']],
    ] as const) {
      assert.equal((await home.json<Job>(['move', id, place])).id, id);
      assert.deepEqual(await names(), expected, place);
    }
    assert.match((await home.bgjobs(['move', id, 'first'])).stdout, /^\w{8} moved to the front {2}true\n$/);
    const { jobs } = await home.json<Queue>(['queue']);
    assert.match(
      (await home.bgjobs(['move', id, 'before', jobs[2]!.id])).stdout,
      /^\w{8} moved before [\w-]{36} {2}true\n$/,
    );
    assert.deepEqual(await names(), ['a', 'c', 'b']);
    assert.match((await home.error(2, ['move', id, 'before'])).message, /a second job after "before"/);
    assert.match((await home.error(2, ['move', id, 'first', id])).message, /a second job after "before"/);
    assert.equal((await home.error(2, ['move', id, 'sideways'])).code, 'invalid_request');
    const late = await waiting('late', '--at', '1h');
    assert.equal((await home.error(4, ['move', late.id, 'first'])).code, 'invalid_state');
    await home.json(['hold', late.id]);
    assert.match((await home.error(4, ['move', late.id, 'first'])).message, /is held\. It waits to be released/);
    assert.equal((await home.error(3, ['move', 'ffffffff', 'first'])).code, 'job_not_found');
  });

  it('bgjobs hold takes jobs out of the queue, until release', async () => {
    const [one, two] = [await waiting('one'), await waiting('two', '--at', '1h')];
    const { results } = await home.json<{ results: Job[] }>(['hold', one.id, two.id]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['held', 'held'],
    );
    assert.deepEqual(await names(), []);
    await home.json(['queue', 'resume']);
    await home.json(['release', one.id]);
    const ended = await home.ended(one.id);
    assert.equal(ended.status, 'completed');
    assert.match((await home.error(4, ['hold', ended.id])).message, /Only a waiting job can be held/);
  });

  it('bgjobs update changes priority, dependencies and pin', async () => {
    const [one, two] = [await waiting('one'), await waiting('two')];
    const changed = await home.json<Job>(['update', two.id, '--priority', '9', '--pin']);
    assert.deepEqual([changed.priority, changed.pinned], [9, true]);
    assert.deepEqual(await names(), ['two', 'one']);
    const after = await home.json<Job>(['update', two.id, '--after', `${one.shortId}:finished`, '--unpin']);
    assert.deepEqual([after.dependsOn, after.pinned], [[{ job: one.id, condition: 'finished' }], false]);
    const { stdout } = await home.bgjobs(['update', two.id, '--priority', '8']);
    assert.match(
      stdout,
      new RegExp(`^${two.shortId} pending, priority 8, waits for ${one.shortId} \\(pending\\) to end .*true\n$`),
    );
    assert.deepEqual((await home.json<Job>(['update', two.id, '--no-after'])).dependsOn, []);
    assert.equal((await home.json<Job>(['update', two.id, '--session', 'other'])).session, 'other');
    assert.equal((await home.json<{ total: number }>(['list', '--session', 'other'])).total, 1);
  });

  it('a job that is pinned while it waits or runs is shown as pinned everywhere', async () => {
    const job = await waiting('one');
    await home.json(['update', job.id, '--pin']);
    assert.equal((await home.json<Queue>(['queue'])).jobs[0]?.pinned, true);
    assert.equal((await home.json<Job>(['move', job.id, 'first'])).pinned, true);
    assert.equal((await home.json<Job>(['hold', job.id])).pinned, true);
    await home.json(['queue', 'resume']);
    const { id } = await home.run(['--', 'sleep', '600']);
    await home.json(['update', id, '--pin']);
    assert.equal((await home.json<{ job: Job }>(['kill', id])).job.pinned, true);
  });

  it('bgjobs update refuses a circle, an ended job, and an empty change', async () => {
    const [one, two] = [await waiting('one'), await waiting('two')];
    await home.json(['update', two.id, '--after', one.id]);
    const circle = await home.error(2, ['update', one.id, '--after', two.id]);
    assert.match(circle.message, /would wait for each other: \w{8} → \w{8} → \w{8}/);
    assert.equal((await home.error(2, ['update', one.id, '--after', 'ffffffff'])).code, 'invalid_request');
    assert.match((await home.error(2, ['update', one.id])).message, /specify at least one of/);
    assert.match((await home.error(2, ['update', one.id, '--pin', '--unpin'])).message, /cannot be used with/);
    await home.bgjobs(['kill', one.id]);
    assert.equal((await home.error(4, ['update', one.id, '--priority', '1'])).code, 'invalid_state');
    assert.equal((await home.json<Job>(['update', one.id, '--pin'])).pinned, true);
  });

  it('bgjobs limits shows and changes limits while the host runs', async () => {
    const noQuotas = { quotas: {}, quotasPerSession: {}, sessionQuotas: {} };
    const standard = { maxConcurrentJobs: 10, maxConcurrentJobsPerSession: 5, sessionLimits: {}, ...noQuotas };
    assert.deepEqual(await home.json<Limits>(['limits']), standard);
    const set = ['limits', '--max', '4', '--max-per-session', '2', '--session', 'web=1', '--session', 'a=b=0'];
    assert.deepEqual(await home.json<Limits>(set), {
      maxConcurrentJobs: 4,
      maxConcurrentJobsPerSession: 2,
      sessionLimits: { web: 1, 'a=b': 0 },
      ...noQuotas,
    });
    const { stdout } = await home.bgjobs(['limits']);
    assert.equal(stdout, 'At most 4 jobs at once, at most 2 per session, at most 1 in web, any number in a=b.\n');

    await home.json(['queue', 'resume']);
    const web = ['--session', 'web', '--', 'sleep', '600'];
    await home.run(web);
    assert.deepEqual((await home.run(web)).waitingFor, { type: 'limit', scope: 'session', maximum: 1 });
    await home.json(['limits', '--session', 'web=', '--session', 'a=b=']);
    const running = await home.json<{ total: number }>(['list', '--session', 'web', '--status', 'running']);
    assert.equal(running.total, 2);
    assert.deepEqual(await home.json<Limits>(['limits', '--max', '10', '--max-per-session', '5']), standard);
    const names = Array.from({ length: 8 }, (_, index) => `s${index}`);
    await Promise.all(names.map((name) => home.json(['limits', '--session', `${name}=3`])));
    const { sessionLimits } = await home.json<Limits>(['limits']);
    assert.deepEqual(
      Object.keys(sessionLimits).sort(),
      names,
      'what several say at the same time of different sessions',
    );
    await home.json(['limits', ...names.flatMap((name) => ['--session', `${name}=`])]);
    assert.deepEqual(await home.json<Limits>(['limits']), standard);
    assert.equal((await home.error(2, ['limits', '--session', 'web'])).code, 'invalid_request');
    assert.equal((await home.error(2, ['limits', '--max', '99999999'])).code, 'invalid_request');
  });
});

describe('limits that the environment of the host sets', () => {
  const home = useHome({ BGJOBS_MAX_CONCURRENT_JOBS: '3' });

  it('take precedence, and the answer says so', async () => {
    const { stdout, stderr } = await home.bgjobs(['limits', '--max', '7']);
    assert.match(stdout, /^At most 3 jobs at once/);
    assert.match(stderr, /BGJOBS_MAX_CONCURRENT_JOBS/);
  });
});
