import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { choose, type Project } from '../../../src/compose/project.ts';
import { findProject, readProject } from '../../../src/compose/readProject.ts';

describe('bgjobs.yaml', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bj-compose-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function read(text: string, env: NodeJS.ProcessEnv = {}): Project {
    const file = join(folder, 'bgjobs.yaml');
    writeFileSync(file, text);
    return readProject(file, env);
  }
  /** The message behind the path of the file. */
  function refused(text: string): string {
    let message = 'nothing was thrown';
    assert.throws(
      () => read(text),
      (error: Error) => {
        message = error.message;
        return true;
      },
    );
    assert.ok(message.startsWith(`${join(folder, 'bgjobs.yaml')}:`), message);
    return message.slice(join(folder, 'bgjobs.yaml').length + 1);
  }

  it('gives requests in the order of dependencies, in a session of the name of the folder', () => {
    const { session, jobs, differences } = read(`
jobs:
  web: { command: npm start, dependsOn: { db: ready, setup: finished } }
  setup: { argv: [make, setup], dependsOn: [db], cwd: tools, priority: 7 }
  db: { command: postgres, readyWhen: listening, restart: on-failure }
`);
    assert.equal(session, basename(folder));
    assert.deepEqual(differences, []);
    assert.deepEqual(
      jobs.map(({ name, line, needs }) => ({ name, line, needs })),
      [
        { name: 'db', line: 5, needs: [] },
        { name: 'setup', line: 4, needs: [{ job: 'db', condition: 'ready' }] },
        {
          name: 'web',
          line: 3,
          needs: [
            { job: 'db', condition: 'ready' },
            { job: 'setup', condition: 'finished' },
          ],
        },
      ],
    );
    const [db, setup] = jobs.map(({ request: { tags: _, ...request } }) => request);
    const common = { session: basename(folder), env: {} };
    const restart = { policy: 'on-failure' };
    assert.deepEqual(db, {
      ...{ ...common, name: 'db', command: 'postgres', cwd: folder, readyWhen: 'listening', restart },
    });
    assert.deepEqual(setup, {
      ...{ ...common, name: 'setup', argv: ['make', 'setup'], cwd: join(folder, 'tools'), priority: 7 },
    });
  });

  it('puts the variables of a job before those of its files, and these before those of all jobs', () => {
    writeFileSync(join(folder, 'all.env'), 'A=file of all\nB=file of all\nC=file of all\nD=$HOME/x\n');
    writeFileSync(join(folder, 'one.env'), 'C=file of one $B\n');
    const { jobs } = read(
      `
envFile: all.env
env: { B: of all, PORT: 80 }
jobs:
  one: { command: x, envFile: [one.env], env: { A: own, DEBUG: true, OLD: null } }
  two: { command: x }
`,
      { HOME: '/home/me' },
    );
    const shared = { A: 'file of all', B: 'of all', C: 'file of all', D: '/home/me/x', PORT: '80' };
    assert.deepEqual(jobs[0]?.request.env, { ...shared, A: 'own', C: 'file of one of all', DEBUG: 'true', OLD: null });
    assert.deepEqual(jobs[1]?.request.env, shared);
  });

  it('knows a changed job by its definition, and not by the order or the form of the file', () => {
    const definition = (text: string): string | undefined => read(`jobs:\n  one: ${text}\n`).jobs[0]?.definition;
    const first = definition('{ command: x, priority: 3 }');
    assert.equal(definition('\n    priority: 3\n    command: "x"'), first);
    assert.notEqual(definition('{ command: x, priority: 4 }'), first);
    writeFileSync(join(folder, '.env'), 'A=1\n');
    const withFile = definition('{ command: x, envFile: .env }');
    writeFileSync(join(folder, '.env'), 'A=2\n');
    assert.notEqual(definition('{ command: x, envFile: .env }'), withFile);
  });

  it('starts what has no profile, and with a profile or by name the others, with all that they need', () => {
    const project = read(`
jobs:
  web: { command: x }
  debug: { command: x, profiles: [dev, test], dependsOn: { web: started } }
  mail: { command: x, profiles: [mail] }
`);
    const names = (choice: Parameters<typeof choose>[1]): string[] => choose(project, choice).map(({ name }) => name);
    assert.deepEqual(names({}), ['web']);
    assert.deepEqual(names({ profiles: ['test'] }), ['web', 'debug']);
    assert.deepEqual(names({ names: ['debug'] }), ['web', 'debug']);
    assert.throws(() => names({ profiles: ['prod'] }), /has no profile "prod". There are: dev, test, mail\.$/);
    assert.throws(() => names({ names: ['api'] }), /has no job "api". There are: web, debug, mail\.$/);
  });

  it('says what to do if a job depends on one that only a profile starts', () => {
    const project = read('jobs:\n  web: { command: x, dependsOn: [db] }\n  db: { command: x, profiles: [all] }\n');
    assert.throws(
      () => choose(project, {}),
      /bgjobs\.yaml:2: job "web" depends on "db", .* with a profile\. Start it with --profile all, or name "web" to start both\.$/,
    );
    assert.equal(choose(project, { profiles: ['all'] }).length, 2);
  });

  it('is refused with the line of what is wrong', () => {
    assert.match(
      refused('jobs:\n  web:\n    comand: x\n'),
      /^3: "jobs\.web": unknown field "comand": known are command,/,
    );
    assert.match(
      refused('jobs:\n  web:\n    command: x\n    priority: 11\n'),
      /^4: "jobs\.web": priority: must be at most 10/,
    );
    assert.match(refused('jobs:\n  a: { command: x }\n  b: { cwd: x }\n'), /^3: job "b": give one of command/);
    assert.match(refused('jobs:\n  a: {}\n  a: {}\n'), /^3: Map keys must be unique/);
    assert.match(refused('jobs: [\n'), /^\d: /);
    assert.match(refused('job:\n  a: {}\n'), /^1: there is no "jobs" at the top/);
    assert.match(refused('jobs: { a: { command: x } }\nservices: {}\n'), /^2: unknown field "services"/);
  });

  it('is refused for dependencies that cannot come true', () => {
    const two = (needs: string): string =>
      `jobs:\n  a: { command: x, dependsOn: [b] }\n  b: { command: x, dependsOn: ${needs} }\n`;
    assert.match(refused(two('[c]')), /^3: job "b" depends on "c", which is not in the file\. There are: a, b\.$/);
    assert.match(refused(two('[a]')), /^2: the jobs would wait for each other: a → b → a\./);
    const ready = 'jobs:\n  a: { command: x, dependsOn: { b: ready } }\n  b: { command: x }\n';
    assert.match(
      refused(ready),
      /^2: job "a" waits until "b" is ready, but nothing says when it is\. Give "b" a readyWhen/,
    );
  });

  it('is refused with the line of an env file that cannot be read', () => {
    assert.match(refused('jobs:\n  a:\n    command: x\n    envFile: no.env\n'), /^4: .*no\.env cannot be read: ENOENT/);
    writeFileSync(join(folder, '.env'), 'A=1\nnot a line\n');
    assert.match(refused('envFile: .env\njobs: {}\n'), /^1: .*\.env cannot be read: line 2: it is not NAME=value/);
  });

  it('is found in the folder or the nearest one above it', () => {
    const deep = join(folder, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(folder, 'bgjobs.yaml'), '');
    assert.equal(findProject(deep), join(folder, 'bgjobs.yaml'));
    writeFileSync(join(folder, 'a', 'Procfile'), '');
    assert.equal(findProject(deep), join(folder, 'a', 'Procfile'));
  });
});

describe('a Procfile', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bj-compose-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function read(text: string, name = 'Procfile'): Project {
    const file = join(folder, name);
    writeFileSync(file, text);
    return readProject(file, {});
  }

  it('gives each process a port of its own and the variables of .env, as foreman does', () => {
    writeFileSync(join(folder, '.env'), 'RAILS_ENV=development\n');
    const { jobs } = read(
      '# a comment\nweb: bundle exec puma -p $PORT\r\n\nworker:   sidekiq -q a:b\n',
      'Procfile.dev',
    );
    assert.deepEqual(
      jobs.map(({ name, line, request: { command, shell, env } }) => ({ name, line, command, shell, env })),
      [
        {
          ...{ name: 'web', line: 2, command: 'bundle exec puma -p $PORT', shell: 'sh' },
          env: { RAILS_ENV: 'development', PORT: '5000', PS: 'web.1' },
        },
        {
          ...{ name: 'worker', line: 4, command: 'sidekiq -q a:b', shell: 'sh' },
          env: { RAILS_ENV: 'development', PORT: '5100', PS: 'worker.1' },
        },
      ],
    );
    writeFileSync(join(folder, '.env'), 'PORT=3000\n');
    assert.deepEqual(
      read('web: a\nworker: b\n').jobs.map(({ request }) => request.env?.['PORT']),
      ['3000', '3100'],
    );
  });

  it('has its differences named, and a second process of a name refused', () => {
    writeFileSync(join(folder, '.foreman'), 'port: 4000\n');
    assert.deepEqual(
      read('web: a\nno process\n').differences.map(({ line, field }) => [line, field]),
      [
        [1, 'all'],
        [1, '.foreman'],
        [2, 'no process'],
      ],
    );
    assert.throws(() => read('web: a\nweb: b\n'), /Procfile:2: there is a second process "web"/);
    assert.throws(() => read('# none\n'), /Procfile:1: there is no process/);
  });
});
