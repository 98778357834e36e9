import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { Job } from '../../src/api/job.ts';
import { until } from '../helpers/until.ts';
import { extension, removeAllJobs, service, untilKnown, untilRunning, workspaceFolder } from './support.ts';

/** Tasks of the type backgroundJob, by the editor's own task system. */
describe('Tasks of the type backgroundJob', () => {
  const lineMatcher = {
    owner: 'lint',
    fileLocation: ['relative', '${workspaceFolder}'],
    pattern: { regexp: '^(\\S+):(\\d+): (.*)$', file: 1, line: 2, message: 3 },
  };
  const job = (label: string, more: object): object => ({ type: 'backgroundJob', label, problemMatcher: [], ...more });
  const put = (name: string, text: string): void => {
    const path = join(workspaceFolder(), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  const long = 'long '.repeat(50).trim();
  const note = (word: string): string => `echo ${word} >> order`;

  before(async () => {
    for (const name of ['a.txt', 'b.txt']) put(name, 'one\ntwo\nthree\n');
    put(
      '.vscode/tasks.json',
      JSON.stringify({
        version: '2.0.0',
        tasks: [
          job('lint', { command: 'printf "a.txt:2: is wrong\\n"; exit 3', problemMatcher: lineMatcher }),
          job('argv', {
            argv: ['printf', '[%s]', '${workspaceFolderBasename}', '$HOME'],
            env: { A: 'b', PORT: 3000 },
            tags: { a: 'b' },
          }),
          job('first', { command: `sleep 0.3; ${note('first')}` }),
          job('second', { command: note('second'), dependsOn: 'first' }),
          job('third', { command: note('third'), dependsOn: 'second' }),
          job('slow', { command: `sleep 0.3; ${note('slow')}` }),
          job('also slow', { command: `sleep 0.3; ${note('slow')}` }),
          job('quick', { command: note('quick') }),
          job('after quick', { command: `until grep -q quick order; do sleep 0.1; done; ${note('after quick')}` }),
          { label: 'in order', dependsOn: ['slow', 'quick'], dependsOrder: 'sequence' },
          job('after the order', { command: note('last'), dependsOn: 'in order' }),
          job('order of its own', {
            command: note('end'),
            dependsOn: ['after quick', 'quick'],
            dependsOrder: 'sequence',
          }),
          job('watch', {
            command:
              'sleep 0.3; echo "build starts"; echo "b.txt:1: watched"; echo watched >> order; echo "build is done"; exec sleep 600',
            isBackground: true,
            problemMatcher: {
              ...lineMatcher,
              owner: 'watch',
              background: { activeOnStart: true, beginsPattern: '^build starts', endsPattern: '^build is done' },
            },
          }),
          job('after watch', { command: note('after'), dependsOn: 'watch' }),
          job('tree', { command: '(sleep 600 & echo $! > pid; wait); echo never' }),
          job('reader', { command: 'read answer; echo "got <$answer>"; cat', stdin: { type: 'pipe' } }),
          job('of a template', { template: 'shout', env: { WORD: 'task' } }),
          job('agent', { codingAgent: { name: 'claude', prompt: 'hello' } }),
          job('agent of a template', { template: 'agent' }),
          job('command for an agent', { template: 'agent', command: 'echo instead' }),
          job('slow to end', {
            command: `trap 'sleep 1; ${note('ended')}; exit' TERM; ${note('began')}; while :; do sleep 0.1; done`,
          }),
          job(long, { command: 'true' }),
          job('of no template', { template: 'none' }),
          job('of nothing', {}),
        ],
      }),
    );
    await vscode.workspace.getConfiguration('backgroundJobs').update(
      'templates',
      {
        shout: { command: 'echo "$WORD $MARK"', env: { WORD: 'template', MARK: '!' } },
        agent: { codingAgent: { name: 'codex', prompt: 'hi' } },
      },
      vscode.ConfigurationTarget.Global,
    );
    await until(
      'the tasks are known',
      async () => (await vscode.tasks.fetchTasks()).some(({ name }) => name === 'of nothing') || undefined,
      60_000,
    );
  });

  after(() =>
    vscode.workspace
      .getConfiguration('backgroundJobs')
      .update('templates', undefined, vscode.ConfigurationTarget.Global),
  );

  afterEach(async () => {
    for (const execution of vscode.tasks.taskExecutions) execution.terminate();
    await until('no task runs', () => vscode.tasks.taskExecutions.length === 0 || undefined);
    await removeAllJobs();
  });

  async function task(name: string): Promise<vscode.Task> {
    const found = (await vscode.tasks.fetchTasks({ type: 'backgroundJob' })).find((one) => one.name === name);
    assert.ok(found, name);
    return found;
  }

  async function execute(name: string): Promise<vscode.TaskExecution> {
    return vscode.tasks.executeTask(await task(name));
  }

  /** @returns the exit code of the task */
  async function run(name: string): Promise<number | undefined> {
    const ended = new Promise<number | undefined>((resolve) => {
      const subscription = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (execution.task.name !== name) return;
        subscription.dispose();
        resolve(exitCode);
      });
    });
    await execute(name);
    return ended;
  }

  function jobNamed(name: string): Promise<Job> {
    return until(`job ${name}`, async () =>
      (await service()).listJobs().then(({ jobs }) => jobs.find((one) => one.name === name)),
    );
  }

  async function outputOf({ id }: Job): Promise<string> {
    const { chunks } = await (await service()).getOutput(id);
    return chunks.map(({ text }) => text).join('');
  }

  const problems = (file: string): vscode.Diagnostic[] =>
    vscode.languages.getDiagnostics(vscode.Uri.file(join(workspaceFolder(), file)));
  const order = (): string[] => readFileSync(join(workspaceFolder(), 'order'), 'utf8').trim().split('\n');

  it('run as jobs, end with their exit codes, and fill the Problems panel', async () => {
    assert.equal(await run('lint'), 3);
    const [problem] = await until('a problem', () => (problems('a.txt').length > 0 ? problems('a.txt') : undefined));
    assert.equal(problem?.message, 'is wrong');
    assert.equal(problem.range.start.line, 1);
    const found = await jobNamed('lint');
    assert.deepEqual([found.status, found.exitCode, found.session], ['failed', 3, 'workspace']);
  });

  it('take the options of a job, with variables filled in by the editor', async () => {
    assert.equal(await run('argv'), 0);
    const found = await jobNamed('argv');
    assert.equal(await outputOf(found), '[workspace][$HOME]');
    assert.deepEqual(
      [found.tags, found.options.env, found.cwd, found.options.capture],
      [{ a: 'b' }, ['A', 'PORT'], workspaceFolder(), 'merged'],
    );
  });

  it('run after what they depend on', async () => {
    put('order', '');
    await run('third');
    assert.deepEqual(order(), ['first', 'second', 'third']);
  });

  it('run in the order of a task without a type', async () => {
    put('order', '');
    await run('after the order');
    assert.deepEqual(order(), ['slow', 'quick', 'last']);
  });

  it('have no order of their own, because the editor does not read it', async () => {
    put('order', '');
    await run('order of its own');
    assert.deepEqual(order(), ['quick', 'after quick', 'end']);
  });

  it('are different tasks when only their labels differ', async () => {
    const names = (await vscode.tasks.fetchTasks({ type: 'backgroundJob' })).map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.endsWith('slow')).sort(), ['also slow', 'slow']);
    for (const name of ['slow', 'also slow']) {
      await run(name);
      await jobNamed(name);
    }
  });

  it('go on in the background when their matcher says that they are done, and let others begin', async () => {
    put('order', '');
    assert.equal(await run('after watch'), 0);
    assert.deepEqual(order(), ['watched', 'after']);
    assert.equal((await jobNamed('watch')).status, 'running');
    await until(
      'the problem of the watcher',
      () => problems('b.txt').some(({ message }) => message === 'watched') || undefined,
    );
  });

  it('kill the whole tree when they are terminated', async () => {
    const execution = await execute('tree');
    const { id } = await untilRunning((await jobNamed('tree')).id);
    const pid = await until('the child', () =>
      existsSync(join(workspaceFolder(), 'pid'))
        ? Number(readFileSync(join(workspaceFolder(), 'pid'), 'utf8')) || undefined
        : undefined,
    );
    execution.terminate();
    const killed = await untilKnown(id, 'killed', ({ status }) => status === 'killed');
    assert.equal(killed.reasonText, 'its task was terminated');
    // One that nobody has waited for is dead, too.
    assert.match(spawnSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' }).stdout, /^(Z.*)?\s*$/);
  });

  it('give what is typed to the job', async () => {
    await execute('reader');
    const { id } = await untilRunning((await jobNamed('reader')).id);
    const terminal = vscode.window.terminals.find(({ name }) => name.includes('reader'));
    assert.ok(terminal);
    terminal.sendText('sesame', true);
    await until(
      'the answer',
      async () => (await outputOf(await (await service()).getJob(id))).includes('got <sesame>') || undefined,
    );
    terminal.sendText('\x04', false);
    const ended = await untilKnown(id, 'completed', ({ status }) => status === 'completed');
    assert.equal(ended.exitCode, 0);
  });

  it('are made of templates', async () => {
    assert.equal(await run('of a template'), 0);
    assert.equal(await outputOf(await jobNamed('of a template')), 'task !\n');
    assert.equal(await run('shout'), 0);
    assert.equal(await outputOf(await jobNamed('shout')), 'template !\n');
  });

  it('are runs of coding agents', async () => {
    for (const name of ['agent', 'agent of a template', 'command for an agent']) await run(name);
    const prompts = ['agent', 'agent of a template'].map(async (name) => (await jobNamed(name)).codingAgent?.prompt);
    assert.deepEqual(await Promise.all(prompts), ['hello', 'hi']);
    assert.equal(await outputOf(await jobNamed('command for an agent')), 'instead\n');
  });

  it('may have any label', async () => {
    assert.equal(await run(long), 0);
    await jobNamed(long.slice(0, 200).trim());
  });

  it('start again when the job that was terminated for that is dead', async () => {
    put('order', '');
    await execute('slow to end');
    const first = await jobNamed('slow to end');
    await until('it has begun', () => order().includes('began') || undefined);
    await vscode.commands.executeCommand('workbench.action.tasks.restartTask', 'slow to end');
    await until('it has begun again', () => order().filter((word) => word === 'began').length === 2 || undefined);
    assert.deepEqual(order(), ['began', 'ended', 'began']);
    assert.equal((await (await service()).getJob(first.id)).status, 'killed');
  });

  it('fail with a word when there is nothing to run', async () => {
    assert.equal(await run('of no template'), 1);
    assert.equal(await run('of nothing'), 1);
    assert.deepEqual((await extension()).model.jobs(), []);
  });
});
