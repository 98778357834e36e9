import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { Job } from '../../src/api/job.ts';
import { commands } from '../../src/extension/base/ids.ts';
import { until } from '../helpers/until.ts';
import { removeAllJobs, service, untilEnded, untilRunning, workspaceFolder } from './support.ts';

/** Each task is run twice in one window: by the editor, and as a job. */
describe('The process of a task of tasks.json', () => {
  const path = (name: string): string => join(workspaceFolder(), name);
  const put = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  const tool = '${config:probe.tool}';
  /** What the command `probe.made` was called with. */
  const calls: unknown[] = [];
  let made: vscode.Disposable;

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    made = vscode.commands.registerCommand('probe.made', (given: { at: string }) => {
      calls.push(given);
      return `made ${given.at}`;
    });
    put(
      'my tools/probe',
      '#!/bin/sh\n{ printf "<%s>\\n" "$@"; env | grep -E "^(PORT|DEBUG|OWN|TERMINAL|PROFILE|GONE)=" | sort; } > "${0%/*}/../probed"\n',
    );
    chmodSync(path('my tools/probe'), 0o755);
    put(
      '.vscode/settings.json',
      JSON.stringify({
        'probe.tool': '${workspaceFolder}/my tools/probe',
        'probe.list': ['${workspaceFolderBasename}', 2],
        'terminal.integrated.env.linux': { TERMINAL: 'of ${workspaceFolderBasename}', OWN: 'lost', GONE: null },
        'terminal.integrated.automationProfile.linux': {
          path: '/bin/sh',
          args: ['-e'],
          env: { PROFILE: 'automation' },
        },
      }),
    );
    put('package/package.json', JSON.stringify({ scripts: { build: 'true' } }));
    put('package/yarn.lock', '');
    process.env['GONE'] = 'here';
    const env = { PORT: 3000, DEBUG: false, OWN: 'own value' };
    const shell = (label: string, command: string, more: object = {}): object => ({
      ...{ label, type: 'shell', command, problemMatcher: [] },
      ...more,
    });
    put(
      '.vscode/tasks.json',
      JSON.stringify({
        version: '2.0.0',
        inputs: [
          { id: 'made', type: 'command', command: 'probe.made', args: { at: '${workspaceFolderBasename}' } },
          { id: 'where', type: 'promptString', description: 'Where?', default: '${workspaceFolderBasename}/out' },
          { id: 'which', type: 'pickString', description: 'Which?', options: [{ value: 'a' }, 'b'] },
        ],
        tasks: [
          shell('serve', 'echo starts; echo "listening on $(cat port)"; exec sleep 600', {
            isBackground: true,
            problemMatcher: {
              pattern: { regexp: '^(\\w+):(\\d+): (.*)$', message: 3 },
              background: {
                activeOnStart: true,
                beginsPattern: '^starts',
                endsPattern: '^listening on (?<port>\\d+)',
              },
            },
          }),
          shell('ask it', tool, { args: ['http://localhost:${taskVar:port}/'], dependsOn: 'serve' }),
          shell('line', tool, {
            args: [
              ...['"$0"', '$-', 'a b', '--f="b  c"', '${config:probe.list}', '${input:made}', '${input:made}'],
              { value: '$OWN ~ "', quoting: 'escape' },
              { value: '\\$OWN', quoting: 'weak' },
              { value: '$OWN', quoting: 'strong' },
            ],
            options: { env },
          }),
          shell('alone', tool),
          {
            label: 'process',
            type: 'process',
            command: tool,
            args: ['a b', '$OWN'],
            options: { env },
            problemMatcher: [],
          },
          shell('asks', 'echo ${input:where} ${input:which} ${input:where}'),
          shell('one at a time', 'sleep 600', {
            runOptions: { instancePolicy: 'terminateOldest' },
            dependsOn: 'alone',
          }),
          shell('two at a time', 'sleep 600', { runOptions: { instanceLimit: 2 }, dependsOn: 'alone' }),
          {
            ...{ label: 'of our type', type: 'backgroundJob', argv: [tool], env: { PORT: 3000 }, problemMatcher: [] },
          },
          { label: 'script', type: 'npm', script: 'build', path: 'package', problemMatcher: [] },
          shell('for another', 'true', { linux: { dependsOn: 'no such task' } }),
        ],
      }),
    );
    await until(
      'the tasks and the settings are known',
      async () =>
        (vscode.workspace.getConfiguration('probe').has('tool') &&
          (await vscode.tasks.fetchTasks()).some(({ name }) => name === 'for another')) ||
        undefined,
      60_000,
    );
  });

  after(() => {
    made.dispose();
    delete process.env['GONE'];
    rmSync(path('package'), { recursive: true });
    rmSync(path('.vscode/settings.json'));
  });

  afterEach(async () => {
    for (const execution of vscode.tasks.taskExecutions) execution.terminate();
    await until('no task runs', () => vscode.tasks.taskExecutions.length === 0 || undefined);
    await removeAllJobs();
  });

  const run = (task: string, more = {}): Thenable<Job | undefined> =>
    vscode.commands.executeCommand<Job | undefined>(commands.start, { task, ...more });

  function probed(): string[] {
    const lines = readFileSync(path('probed'), 'utf8').trimEnd().split('\n');
    rmSync(path('probed'));
    return lines;
  }

  async function byEditor(name: string): Promise<string[]> {
    const task = (await vscode.tasks.fetchTasks()).find((one) => one.name === name);
    assert.ok(task, name);
    const ended = new Promise<void>((resolve) => {
      const subscription = vscode.tasks.onDidEndTaskProcess(({ execution }) => {
        if (execution.task.name !== name) return;
        subscription.dispose();
        resolve();
      });
    });
    await vscode.tasks.executeTask(task);
    await ended;
    return probed();
  }

  async function asJob(task: string): Promise<string[]> {
    const job = await run(task);
    assert.ok(job, task);
    assert.equal((await untilEnded(job.id)).exitCode, 0);
    return probed();
  }

  const variables = ['DEBUG=false', 'OWN=own value', 'PORT=3000'];
  const folder = (): string => workspaceFolder().split('/').at(-1) ?? '';

  it('has the words, variables and shell that the editor gives it', async () => {
    calls.length = 0;
    const words = ['/bin/sh', 'e', 'a b', '--f=b  c', `${folder()},2`, `made ${folder()}`, `made ${folder()}`];
    const expected = [
      ...[...words, 'own', 'value ~ "', '$OWN', '$OWN'].map((word) => `<${word}>`),
      ...['DEBUG=false', 'OWN=own value', 'PORT=3000', 'PROFILE=automation', `TERMINAL=of ${folder()}`],
    ];
    assert.deepEqual(await byEditor('line'), expected);
    assert.deepEqual(await asJob('line'), expected);
    // Each run has asked once. What the command makes of its arguments is filled in afterwards.
    const args = { at: '${workspaceFolderBasename}' };
    assert.deepEqual(calls, [args, args]);
  });

  it('may be a line of one word that has blanks when it is filled in', async () => {
    const expected = ['<>', 'OWN=lost', 'PROFILE=automation', `TERMINAL=of ${folder()}`];
    assert.deepEqual(await byEditor('alone'), expected);
    assert.deepEqual(await asJob('alone'), expected);
  });

  it('has what a task before it has said', async () => {
    const end = async (): Promise<void> => {
      for (const execution of vscode.tasks.taskExecutions) execution.terminate();
      await until('no task runs', () => vscode.tasks.taskExecutions.length === 0 || undefined);
    };
    for (const [port, how] of [
      ['3000', byEditor],
      ['3001', asJob],
      ['3002', asJob],
    ] as const) {
      put('port', port);
      assert.deepEqual((await how('ask it'))[0], `<http://localhost:${port}/>`);
      await end();
    }
    put('port', '');
  });

  it('has no shell when it is of the type process', async () => {
    const expected = ['<a b>', '<$OWN>', ...variables, `TERMINAL=of ${folder()}`];
    assert.deepEqual(await byEditor('process'), expected);
    assert.deepEqual(await asJob('process'), expected);
  });

  it('of our own type has the environment of the terminal, too', async () => {
    assert.deepEqual(await byEditor('of our type'), ['<>', 'OWN=lost', 'PORT=3000', `TERMINAL=of ${folder()}`]);
  });

  it('is the package manager of the package', async () => {
    const job = await run('script');
    assert.ok(job);
    // There may be no yarn on this machine.
    await untilEnded(job.id);
    assert.deepEqual(job.argv?.slice(0, 1), ['/bin/sh']);
    assert.equal(job.argv?.at(-1), 'yarn run build');
  });

  it('is asked for once with the last answers, in which variables are filled in', async () => {
    const answered = async (): Promise<string | null> => {
      let command: string | null | undefined;
      void run('asks').then((job) => (command = job?.argv?.at(-1) ?? null));
      return until('the job', async () => {
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return command;
      });
    };
    const line = `echo ${folder()}/out a ${folder()}/out`;
    assert.equal(await answered(), line);
    const file = readFileSync(path('.vscode/tasks.json'), 'utf8');
    const changed = { default: 'another', options: ['c', 'a'] };
    const { inputs, ...rest } = JSON.parse(file) as { inputs: object[] };
    put('.vscode/tasks.json', JSON.stringify({ ...rest, inputs: inputs.map((one) => ({ ...one, ...changed })) }));
    await until('the change is known', () =>
      JSON.stringify(vscode.workspace.getConfiguration('tasks').get('inputs')).includes('another') ? true : undefined,
    );
    assert.equal(await answered(), line);
  });

  it('of which there may be two runs at a time', async () => {
    const [first, second] = [await run('two at a time'), await run('two at a time')];
    assert.ok(first && second);
    assert.notEqual(first.id, second.id);
    for (const { id } of [first, second]) await untilRunning(id);
  });

  it('ends for the next one, when the task says so', async () => {
    const [first, second] = [await run('one at a time'), await run('one at a time')];
    assert.ok(first && second);
    assert.notEqual(first.id, second.id);
    assert.equal((await untilEnded(first.id)).status, 'killed');
    await untilRunning(second.id);
  });

  it('depends on nothing that only the block of a platform names', async () => {
    const job = await run('for another', { folder: folder() });
    assert.ok(job);
    assert.equal((await untilEnded(job.id)).exitCode, 0);
  });

  it('is looked for in the folder that is named', async () => {
    assert.equal(await run('alone', { folder: 'no such folder' }), undefined);
    assert.deepEqual((await (await service()).listJobs()).jobs, []);
    const job = await run('alone', { folder: vscode.workspace.workspaceFolders?.[0]?.uri.toString() });
    assert.ok(job);
    await untilEnded(job.id);
  });
});
