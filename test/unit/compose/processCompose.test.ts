import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Project } from '../../../src/compose/project.ts';
import { readProject } from '../../../src/compose/readProject.ts';

describe('a process-compose file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bj-compose-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function read(text: string, env: NodeJS.ProcessEnv = {}): Project {
    const file = join(folder, 'process-compose.yaml');
    writeFileSync(file, text);
    return readProject(file, env);
  }
  const differences = (text: string): string[] =>
    read(text).differences.map(({ line, field, text: what }) => `${line} ${field}: ${what}`);

  it('is read where it means the same', () => {
    const { session, jobs } = read(`
version: "0.5"
environment: ["A=1", "B=of all"]
processes:
  api:
    command: ./api --port 8080
    working_dir: src
    environment: ["B=own=x"]
    is_tty: true
    namespace: back
    shutdown: { timeout_seconds: 3 }
    depends_on:
      db: { condition: process_log_ready }
      migrate: { condition: process_completed_successfully }
      cache: { condition: process_started }
    readiness_probe: { http_get: { host: localhost, port: 8080, path: /health } }
    availability: { restart: on_failure, max_restarts: 3, backoff_seconds: 2 }
  db: { command: db, ready_log_line: "up (5432)", availability: { restart: always } }
  migrate: { entrypoint: [make, "a b"], depends_on: { db: {} } }
  cache: { command: cache, availability: { restart: always, max_restarts: 4, backoff_seconds: 5 } }
  tools: { command: tools, disabled: true }
`);
    assert.equal(session, basename(folder));
    const delays = (seconds: number): object => ({
      ...{ delayMs: seconds * 1000, maxDelayMs: seconds * 1000, backoffFactor: 1, jitter: 0 },
    });
    const by = new Map(jobs.map((job) => [job.name, job]));
    const { tags, ...api } = by.get('api')!.request;
    assert.equal(tags?.['namespace'], 'back');
    assert.deepEqual(api, {
      ...{ name: 'api', session: basename(folder), cwd: join(folder, 'src'), tty: true, graceMs: 3000 },
      ...{ command: './api --port 8080', shell: 'bash' },
      env: { PC_PROC_NAME: 'api', PC_REPLICA_NUM: '0', A: '1', B: 'own=x' },
      readyWhen: { url: 'http://localhost:8080/health' },
      retry: { maxAttempts: 4, ...delays(2) },
    });
    assert.deepEqual(by.get('api')?.needs, [
      { job: 'db', condition: 'ready' },
      { job: 'migrate', condition: 'succeeded' },
      { job: 'cache', condition: 'started' },
    ]);
    const db = by.get('db')?.request;
    assert.deepEqual(db?.readyWhen, { pattern: 'up \\(5432\\)' });
    assert.deepEqual(db.restart, { policy: 'always', maxRestarts: 1000, ...delays(1) });
    assert.deepEqual(by.get('migrate')?.request.argv, ['make', 'a b']);
    // What process-compose does with a dependency that has no condition.
    assert.deepEqual(by.get('migrate')?.needs, [{ job: 'db', condition: 'finished' }]);
    const often = { policy: 'always', maxRestarts: 4, windowMs: 2_147_483_647, ...delays(5) };
    assert.deepEqual(by.get('cache')?.request.restart, often);
    assert.deepEqual(by.get('tools')?.profiles, ['disabled']);
  });

  it('has its variables and templates filled in, and its replicas', () => {
    writeFileSync(join(folder, '.env'), 'NAME=of .env\nHOME=not this\n');
    const { jobs } = read(
      `
vars: { PORT: 80 }
processes:
  web: { command: 'echo $NAME \${NAME} \${NONE:-x} $$1 \${NONE}{{.PORT}}{{ .PC_REPLICA_NUM }}', replicas: 2 }
  after: { command: x, depends_on: { web: { condition: process_started } } }
`,
      { HOME: '/home/me' },
    );
    const [one, two, after] = jobs;
    assert.deepEqual([one?.name, two?.name], ['web-0', 'web-1']);
    assert.deepEqual(
      [one?.request.command, two?.request.command],
      ['echo $NAME of .env x $1 800', 'echo $NAME of .env x $1 801'],
    );
    assert.deepEqual(one?.request.env, { PC_PROC_NAME: 'web', PC_REPLICA_NUM: '0', NAME: 'of .env' });
    assert.deepEqual(
      after?.needs.map(({ job }) => job),
      ['web-0', 'web-1'],
    );
    assert.throws(() => read('processes:\n  a:\n    command: "{{ range .X }}"\n'), /:3: the template \{\{ range/);
    assert.throws(() => read('processes:\n  a:\n    command: "${A^^}"\n'), /:3: \$\{A\^\^\} is not understood/);
    assert.equal(
      read('disable_env_expansion: true\nprocesses: { a: { command: "$${A^^}" } }\n').jobs[0]?.request.command,
      '$${A^^}',
    );
  });

  it('runs the command of a probe as a job of its own, for the jobs that wait for it', () => {
    const probe = 'readiness_probe: { exec: { command: pg_isready }, initial_delay_seconds: 2, period_seconds: 3 }';
    const { jobs } = read(`
processes:
  db: { command: postgres, ${probe} }
  api: { command: api, depends_on: { db: { condition: process_healthy } } }
  other: { command: other, ${probe} }
`);
    assert.deepEqual(
      jobs.map(({ name, needs }) => [name, needs]),
      [
        ['db', []],
        ['db-ready', [{ job: 'db', condition: 'started' }]],
        ['api', [{ job: 'db-ready', condition: 'succeeded' }]],
        ['other', []],
      ],
    );
    const { command, timeoutMs } = jobs[1]!.request;
    assert.equal(command, 'sleep 2\nuntil (\npg_isready\n); do sleep 3; done');
    assert.equal(timeoutMs, 300_000);
  });

  it('has everything named that is different', () => {
    writeFileSync(join(folder, 'process-compose.override.yml'), '');
    assert.deepEqual(
      differences(`
version: "0.5"
log_level: debug
x-own: 1
env_cmds: { DATE: date }
processes:
  a:
    command: x
    description: text
    is_daemon: true
    is_elevated: false
    availability: { restart: exit_on_failure, exit_on_end: true }
    shutdown: { command: stop it, signal: 2 }
    liveness_probe: { exec: { command: x } }
    novelty: 1
`).map((one) => one.replace(/: .*/, '')),
      [
        '1 process-compose.override.yml',
        '5 env_cmds',
        '10 processes.a.is_daemon',
        '12 processes.a.availability.restart',
        '12 processes.a.availability.exit_on_end',
        '13 processes.a.shutdown.command',
        '13 processes.a.shutdown.signal',
        '14 processes.a.liveness_probe',
        '15 processes.a.novelty',
      ],
    );
    rmSync(join(folder, 'process-compose.override.yml'));
    assert.deepEqual(differences('processes: { a: { command: x, shutdown: { signal: 15 } } }'), []);
  });

  it('is refused where it cannot work', () => {
    const healthy =
      'processes:\n  a: { command: x }\n  b:\n    command: x\n    depends_on: { a: { condition: process_healthy } }\n';
    assert.throws(() => read(healthy), /:5: nothing says when "a" is ready\. Give it a readiness_probe/);
    assert.throws(() => read('processes:\n  a: { command: [x] }\n'), /:2: /);
    assert.throws(
      () => read('processes:\n  a:\n    command: x\n    depends_on: { a: { condition: healthy } }\n'),
      /:4: "processes\.a": depends_on\.a\.condition: must be "process_completed" or/,
    );
  });
});
