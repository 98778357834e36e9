import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KillResult } from '../../src/api/control.ts';
import type { Job } from '../../src/api/job.ts';
import type { HostStatus } from '../../src/client/hostControl.ts';
import type { Outcome } from '../../src/compose/up.ts';
import type { Difference } from '../../src/compose/project.ts';
import { useHome, type ErrorDocument } from '../helpers/cli.ts';

interface Up {
  session: string;
  file: string;
  jobs: Outcome[];
  differences: Difference[];
}

describe('bgjobs up and down', () => {
  const home = useHome();
  /** A folder of its own for each test, so that its name is a session of its own. */
  function project(name: string, files: Record<string, string>): { cwd: string } {
    const cwd = join(home.path, name);
    mkdirSync(cwd, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, file), text);
    return { cwd };
  }
  const actions = ({ jobs }: Up): string[] => jobs.map(({ name, action }) => `${name} ${action}`);
  const jobOf = ({ jobs }: Up, name: string): Job => {
    const job = jobs.find((one) => one.name === name)?.job;
    assert.ok(job, `${name} has a job`);
    return job;
  };

  const shop = `
env: { GREETING: hello }
jobs:
  web:
    command: trap 'echo web >>order; exit' TERM; echo "web $GREETING $SECRET"; while :; do sleep 0.1; done
    dependsOn: { db: ready, migrate: succeeded }
    envFile: .env
  migrate:
    command: echo migrated >>migrations
    dependsOn: [db]
  db:
    command: trap 'echo db >>order; exit' TERM; echo db is up; while :; do sleep 0.1; done
    readyWhen: { pattern: db is up }
    restart: on-failure
  mail: { command: exec sleep 600, profiles: [mail] }
`;

  it('start the jobs in order, leave running ones alone also after a crash of the host, and stop them in reverse', async () => {
    const at = project('shop', { 'bgjobs.yaml': shop, '.env': 'SECRET=of the file\n' });
    const first = await home.json<Up>(['up'], at);
    assert.deepEqual(actions(first), ['db started', 'migrate started', 'web started']);
    assert.equal(first.session, 'shop');
    const [db, web] = [jobOf(first, 'db'), jobOf(first, 'web')];
    await home.json(['wait', web.id, '--for', '/web hello of the file/']);
    assert.deepEqual(web.dependsOn, [
      { job: db.id, condition: 'ready' },
      { job: jobOf(first, 'migrate').id, condition: 'succeeded' },
    ]);

    const { pid } = await home.json<HostStatus>(['host', 'status']);
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    const second = await home.json<Up>(['up'], at);
    assert.deepEqual(actions(second), ['db kept', 'migrate completed', 'web kept']);
    assert.deepEqual([jobOf(second, 'db').id, jobOf(second, 'web').id], [db.id, web.id]);
    assert.equal(readFileSync(join(at.cwd, 'migrations'), 'utf8'), 'migrated\n');
    const again = await home.json<HostStatus>(['host', 'status']);
    assert.notEqual(again.pid, pid);

    const file = ['--file', join(at.cwd, 'bgjobs.yaml')];
    const status = await home.json<{ jobs: { name: string; job: Job | null }[] }>(['status', ...file]);
    assert.deepEqual(
      status.jobs.map(({ name, job }) => [name, job?.status ?? null]),
      [
        ['db', 'running'],
        ['migrate', 'completed'],
        ['web', 'running'],
        ['mail', null],
      ],
    );

    const { results } = await home.json<{ results: KillResult[] }>(['down'], at);
    assert.deepEqual(
      results.map(({ job, result }) => [job.name, result]),
      [
        ['web', 'killed'],
        ['db', 'killed'],
      ],
    );
    assert.equal(readFileSync(join(at.cwd, 'order'), 'utf8'), 'web\ndb\n');
    assert.deepEqual(await home.json(['down'], at), { results: [] });
    const anew = await home.json<Up>(['up'], at);
    assert.deepEqual(actions(anew), ['db started', 'migrate started', 'web started']);
    await home.json(['down'], at);
  });

  it('say that a job has changed, and start it anew on request', async () => {
    const file = (text: string): string => `jobs:\n  one: { command: echo ${text}; exec sleep 600 }\n`;
    const at = project('changing', { 'bgjobs.yaml': file('before') });
    const before = jobOf(await home.json<Up>(['up'], at), 'one');
    writeFileSync(join(at.cwd, 'bgjobs.yaml'), file('after'));
    assert.deepEqual(actions(await home.json<Up>(['up'], at)), ['one changed']);
    assert.match((await home.bgjobs(['up'], at)).stdout, /one .* runs as it was before the file was changed/);
    assert.deepEqual(actions(await home.json<Up>(['up', '--dry-run', '--restart-changed'], at)), ['one restarted']);
    assert.equal((await home.json<Job>(['status', before.id])).status, 'running');
    const after = await home.json<Up>(['up', '--restart-changed'], at);
    assert.deepEqual(actions(after), ['one restarted']);
    assert.equal((await home.json<Job>(['status', before.id])).status, 'killed');
    await home.json(['wait', jobOf(after, 'one').id, '--for', '/after/']);
    await home.json(['down'], at);
  });

  it('start jobs by name and by profile, and stop only those that are named', async () => {
    const at = project('profiles', { 'bgjobs.yaml': shop, '.env': 'SECRET=x\n' });
    assert.deepEqual(actions(await home.json<Up>(['up', 'migrate'], at)), ['db started', 'migrate started']);
    const more = await home.json<Up>(['up', '--profile', 'mail', '--wait-ready'], at);
    assert.equal(jobOf(more, 'db').ready, true);
    assert.ok(actions(more).includes('mail started'), actions(more).join());
    const { results } = await home.json<{ results: KillResult[] }>(['down', 'mail'], at);
    assert.deepEqual(
      results.map(({ job }) => job.name),
      ['mail'],
    );
    const { error } = JSON.parse((await home.bgjobs(['down', 'mail', '--json'], at)).stdout) as ErrorDocument;
    assert.match(error.message, /^No job "mail" of .* runs\. These do: /);
    await home.json(['down'], at);
  });

  it('leave jobs of the same name from elsewhere alone', async () => {
    const text = 'jobs:\n  server: { command: exec sleep 600 }\n';
    const at = project('taken', { 'bgjobs.yaml': text });
    const other = await home.run(['--session', 'taken', '--name', 'server', '--', 'sleep', '600']);
    const { message } = await home.error(2, ['up'], at);
    assert.match(message, /^The session "taken" has a job "server" \(\w+\) that is not of .*\. Stop it, or give/);
    assert.equal((await home.json<{ results: KillResult[] }>(['down'], at)).results.length, 0);
    assert.equal((await home.json<Job>(['status', other.id])).status, 'running');
    writeFileSync(join(at.cwd, 'bgjobs.yaml'), `name: of its own\n${text}`);
    assert.equal(jobOf(await home.json<Up>(['up'], at), 'server').session, 'of its own');
    await home.json(['down'], at);
  });

  it('start nothing if the file is wrong, and what depends on a job that cannot be started', async () => {
    const at = project('wrong', { 'bgjobs.yaml': 'jobs:\n  a: { command: exec sleep 600 }\n  b: { comand: x }\n' });
    assert.match((await home.error(2, ['up'], at)).message, /bgjobs\.yaml:3: "jobs\.b": unknown field "comand"/);
    assert.deepEqual(await home.json(['down'], at), { results: [] });
    writeFileSync(
      join(at.cwd, 'bgjobs.yaml'),
      'jobs:\n  a: { command: x, cwd: none }\n  b: { command: x, dependsOn: [a] }\n  c: { command: exec sleep 600 }\n',
    );
    const { code, stdout } = await home.bgjobs(['up', '--json'], at);
    assert.equal(code, 1);
    const done = JSON.parse(stdout) as Up;
    assert.deepEqual(actions(done), ['a failed', 'b skipped', 'c started']);
    assert.equal(done.jobs[0]?.error?.code, 'cwd_not_found');
    await home.json(['down'], at);
    const nothing = project('nothing', {});
    assert.match((await home.error(2, ['up'], nothing)).message, /^there is no bgjobs\.yaml, .* Write one, or name/);
    assert.match((await home.error(2, ['status'], nothing)).message, /^specify the id of a job: there is no/);
  });

  it('start a Procfile as it is, and name the differences', async () => {
    const at = project('procfile', {
      Procfile: 'web: echo "port $PORT"; exec sleep 600\nworker: exec sleep 600\noops\n',
    });
    const { stderr, code } = await home.bgjobs(['up', '--dry-run'], at);
    assert.equal(code, 0);
    assert.match(
      stderr,
      /Procfile is read with these differences:\n {2}line 1, all: When a process ends, .*\n {2}line 3, oops: /,
    );
    const done = await home.json<Up>(['up'], at);
    assert.deepEqual(actions(done), ['web started', 'worker started']);
    await home.json(['wait', jobOf(done, 'web').id, '--for', '/port 5000/']);
    await home.json(['down'], at);
  });

  it('start a process-compose file as it is, with its probes, and name the differences', async () => {
    const text = `
version: "0.5"
shell: { shell_command: sh, shell_argument: -c }
environment: ["WHO=world"]
processes:
  db:
    command: sleep 0.5; touch db.ready; exec sleep 600
    readiness_probe: { exec: { command: test -e db.ready }, period_seconds: 1 }
    liveness_probe: { exec: { command: "true" } }
  api:
    command: echo "hello $WHO from \${FROM:-nowhere}"; exec sleep 600
    depends_on: { db: { condition: process_healthy } }
    shutdown: { signal: 2 }
`;
    const at = project('processes', { 'process-compose.yaml': text, '.env': 'FROM=here\n' });
    const done = await home.json<Up>(['up'], at);
    assert.deepEqual(actions(done), ['db started', 'db-ready started', 'api started']);
    assert.deepEqual(
      done.differences.map(({ line, field }) => `${line} ${field}`),
      ['8 processes.db.readiness_probe', '9 processes.db.liveness_probe', '13 processes.api.shutdown.signal'],
    );
    const api = jobOf(done, 'api');
    assert.equal(api.status, 'pending');
    await home.json(['wait', api.id, '--for', '/hello world from here/']);
    assert.deepEqual(actions(await home.json<Up>(['up'], at)), ['db kept', 'db-ready completed', 'api kept']);
    const { results } = await home.json<{ results: KillResult[] }>(['down'], at);
    assert.deepEqual(
      results.map(({ job }) => job.name),
      ['api', 'db'],
    );
  });
});
