import assert from 'node:assert/strict';
import type { Settings } from '../../src/api/host.ts';
import type { Job } from '../../src/api/job.ts';
import { failure } from '../helpers/engine/engineFixture.ts';
import { useHome } from '../helpers/cli.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { agentWording, waitingText } from '../../src/text/stateText.ts';

describe('the quota of waiting jobs', () => {
  const hosts = useHostHome();

  it('refuses a job that would wait, and none that starts at once', async () => {
    const client = await hosts.connect();
    const request = { argv: ['sleep', '600'], cwd: hosts.path, session: 'web' };
    await client.updateHost({
      maxConcurrentJobsPerSession: 1,
      quotasPerSession: { waitingJobs: 2 },
      sessionQuotas: { free: { waitingJobs: 0 } },
    });
    const { job: running } = await client.startJob(request);
    const { job: waiting } = await client.startJob(request);
    await client.startJob({ ...request, held: true });
    const refused = failure('quota_exceeded', /2 jobs wait, and the quota of the session web is 2\. Wait until/);
    await assert.rejects(client.startJob(request), refused);
    await assert.rejects(client.startJob({ ...request, delayMs: 600_000 }), refused);
    const { results } = await client.startJobs([request]);
    const { code, details, retryable } = results[0]?.error ?? {};
    const numbers = { quota: 'waitingJobs', session: 'web', waiting: 2, maximum: 2 };
    assert.deepEqual([code, details, retryable], ['quota_exceeded', numbers, true]);
    for (let each = 0; each < 4; each++) await client.startJob({ ...request, session: 'free' });
    await client.startJob({ ...request, session: 'another' });

    await client.updateHost({ quotas: { waitingJobs: 1 }, quotasPerSession: { waitingJobs: null } });
    const ofAll = failure('quota_exceeded', /and the quota of all jobs together is 1/);
    await assert.rejects(client.startJob({ ...request, session: 'free' }), ofAll);
    await client.startJob({ ...request, session: 'third' });

    await client.killJob(running.id, { signal: 'KILL' });
    await client.waitForJob(waiting.id, { for: 'started' });
    await assert.rejects(client.restartJob(running.id), ofAll);
    assert.equal((await client.getJob(running.id)).status, 'killed');
    await client.updateHost({ quotas: { waitingJobs: null } });
    assert.equal((await client.restartJob(running.id)).status, 'pending');
  });

  it('lets a schedule leave a time out', async () => {
    const client = await hosts.connect();
    await client.updateHost({ maxConcurrentJobs: 1, quotas: { waitingJobs: 1 } });
    await client.startJob({ argv: ['sleep', '600'], cwd: hosts.path });
    const { job } = await client.startJob({ argv: ['true'], cwd: hosts.path, cron: '* * * * * *' });
    for await (const event of client.events({ job: job.id }, AbortSignal.timeout(60_000))) {
      if (event.type !== 'fired') continue;
      assert.match(event.text ?? '', /^left out: 1 jobs? waits?, and the quota of all jobs together is 1$/);
      break;
    }
    assert.equal((await client.listJobs({ schedule: job.id })).total, 0);
  });
});

describe('the quota of jobs per hour', () => {
  const hosts = useHostHome();

  it('lets others wait with the reason, also after the host was killed, and lets them start when it is raised', async () => {
    let client = await hosts.connect();
    const request = { argv: ['true'], cwd: hosts.path, session: 'web' };
    const { job: earlier } = await client.startJob(request);
    await client.waitForJob(earlier.id);
    await client.updateHost({ quotasPerSession: { jobsPerHour: 2 } });
    const { job: second } = await client.startJob(request);
    await client.waitForJob(second.id);
    const { job: third } = await client.startJob(request);
    const { waitingFor } = third;
    assert.deepEqual(waitingFor?.type === 'quota' && { ...waitingFor, until: '' }, {
      type: 'quota',
      quota: 'jobsPerHour',
      scope: 'session',
      maximum: 2,
      until: '',
    });
    assert.match(waitingText(third, agentWording(0)), /^session quota per hour reached \(2\), continues at 20/);
    const rejected = client.startJob({ ...request, ifFull: 'reject' });
    await assert.rejects(rejected, failure('limit_reached', /The quota jobsPerHour of 2 for the session is used up/));
    const { job: another } = await client.startJob({ ...request, session: 'api' });
    assert.equal((await client.waitForJob(another.id)).job.status, 'completed');

    await hosts.killHost();
    client = await hosts.connect();
    assert.equal((await client.getJob(third.id)).waitingFor?.type, 'quota');
    await client.updateHost({ quotas: { jobsPerHour: 3 }, quotasPerSession: { jobsPerHour: null } });
    const ofAll = (await client.getJob(third.id)).waitingFor;
    assert.equal(ofAll?.type === 'quota' && ofAll.scope, 'host');
    await client.updateHost({ quotas: { jobsPerHour: 4 } });
    assert.equal((await client.waitForJob(third.id)).job.status, 'completed');
  });
});

describe('the guard of the disk', () => {
  const hosts = useHostHome();
  const home = useHome({ BGJOBS_MIN_FREE_DISK_BYTES: String(Number.MAX_SAFE_INTEGER) });

  it('lets jobs wait while too little of the disk is free, and running ones run', async () => {
    const client = await hosts.connect();
    const { job: running } = await client.startJob({ argv: ['sleep', '600'], cwd: hosts.path });
    await client.updateHost({ minFreeDiskBytes: Number.MAX_SAFE_INTEGER });
    const { job } = await client.startJob({ argv: ['true'], cwd: hosts.path });
    assert.match(waitingText(job, agentWording(0)), /^\d+ MiB of the disk are free, less than \d+ MiB/);
    assert.equal((await client.getJob(running.id)).status, 'running');
    await client.updateHost({ minFreeDiskBytes: 1 });
    assert.equal((await client.waitForJob(job.id)).job.status, 'completed');
  });

  it('is told by bgjobs, and set by a variable of the host', async () => {
    const { id, status } = await home.run(['--', 'true']);
    assert.equal(status, 'pending');
    assert.match((await home.bgjobs(['status', id])).stdout, /MiB of the disk are free, .*\(minFreeDiskBytes\)/);
    const { code } = await home.error(6, ['run', '--if-full', 'reject', '--', 'true']);
    assert.equal(code, 'limit_reached');
  });
});

describe('bgjobs limits', () => {
  const home = useHome();

  it('shows and changes quotas, and bgjobs run tells what one refuses', async () => {
    type Quotas = Pick<Settings, 'quotas' | 'quotasPerSession' | 'sessionQuotas'>;
    const set = ['limits', '--quota', 'waitingJobs=9', '--quota-per-session', 'waitingJobs=1'];
    const after = await home.json<Quotas>([...set, '--session-quota', 'a:b:waitingJobs=0', '--max-per-session', '1']);
    assert.deepEqual(
      [after.quotas, after.quotasPerSession, after.sessionQuotas],
      [{ waitingJobs: 9 }, { waitingJobs: 1 }, { 'a:b': { waitingJobs: 0 } }],
    );
    const { stdout } = await home.bgjobs(['limits']);
    assert.deepEqual(stdout.trimEnd().split('\n').slice(1), [
      'Quotas of all jobs together: at most 9 waiting jobs.',
      'Quotas of each session: at most 1 waiting job.',
      'Quotas of a:b: no quota waitingJobs.',
    ]);
    const command = ['--', 'sleep', '600'];
    for (const status of ['running', 'pending'] satisfies Job['status'][]) {
      assert.equal((await home.run(command)).status, status);
    }
    const { code, message } = await home.error(6, ['run', ...command]);
    assert.equal(code, 'quota_exceeded');
    assert.match(message, /1 job waits, and the quota of the session cli is 1\. .*raise the quota \(bgjobs limits\)/);

    for (const wrong of ['jobs=1', 'waitingJobs', 'waitingJobs=-1', 'waitingJobs=some']) {
      assert.equal((await home.error(2, ['limits', '--quota', wrong])).code, 'invalid_request', wrong);
    }
    assert.match((await home.error(2, ['limits', '--session-quota', 'waitingJobs=1'])).message, /SESSION:NAME=N/);
    await home.json(['limits', '--quota', 'jobsPerHour=1']);
    const { id, status } = await home.run(['--session', 'other', '--', 'true']);
    assert.equal(status, 'pending');
    assert.match((await home.bgjobs(['status', id])).stdout, /quota per hour reached \(1\), continues in /);

    const rest = await home.json<Quotas>([
      'limits',
      '--session-quota',
      'a:b:waitingJobs=',
      '--quota',
      'waitingJobs=',
      '--quota',
      'jobsPerHour=',
    ]);
    assert.deepEqual([rest.quotas, rest.quotasPerSession, rest.sessionQuotas], [{}, { waitingJobs: 1 }, {}]);
  });
});
