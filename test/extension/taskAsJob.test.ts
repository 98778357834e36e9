import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import type { Job } from '../../src/api/job.ts';
import { until } from '../helpers/until.ts';
import { extension, removeAllJobs, service, untilEnded, workspaceFolder } from './support.ts';

/** Tasks of tasks.json, of whatever type, that are run as jobs. */
describe('A task of tasks.json as a job', () => {
  const put = (name: string, text: string): string => {
    const path = join(workspaceFolder(), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const note = (word: string): string => `echo ${word} >> order`;
  const shell = (label: string, command: string, more: object = {}): object => ({
    label,
    type: 'shell',
    command,
    ...more,
  });
  const pattern = { regexp: '^(\\S+):(\\d+): (\\w+): (.*)$', file: 1, line: 2, severity: 3, message: 4 };

  before(async () => {
    for (const name of ['src/a.ts', 'b.txt', 'c.txt']) put(name, 'one\ntwo\nthree\n');
    const lint = `printf '${workspaceFolder()}/c.txt\\n  2:1  warning  linted  no-x\\n'`;
    const scripts = JSON.stringify({ scripts: { lint, twin: note('script') } });
    put(
      '.vscode/tasks.json',
      JSON.stringify({
        version: '2.0.0',
        tasks: [
          { type: 'npm', script: 'lint', problemMatcher: { base: '$eslint-stylish', applyTo: 'allDocuments' } },
          shell('named matcher', 'echo "src/a.ts(2,1): error TS1005: is wrong"; exit 2', { problemMatcher: '$tsc' }),
          shell('own matcher', 'printf "\\033[31mb.txt:3: warning: is odd\\033[0m\\n"', {
            problemMatcher: ['$tsc', { owner: 'own', source: 'own tool', pattern }],
          }),
          shell('unknown matcher', 'echo c.txt:1: error: found', {
            problemMatcher: [{ base: '$no-such' }, { owner: 'own', pattern }],
          }),
          shell('first', `sleep 0.3; ${note('first')}`),
          shell('failing', 'exit 1'),
          shell('all', note('all'), { dependsOn: ['watch', 'compound'], dependsOrder: 'sequence' }),
          { label: 'compound', dependsOn: ['first', 'also first'] },
          shell('also first', note('also'), { dependsOn: 'first' }),
          shell(
            'watch',
            `echo starts; sleep 0.3; ${note('watched')}; printf 'b.txt:1: error: watched\\nis done\\n'; exec sleep 600`,
            {
              isBackground: true,
              problemMatcher: {
                owner: 'watch',
                pattern,
                background: { activeOnStart: true, beginsPattern: '^starts', endsPattern: '^is done' },
              },
            },
          ),
          shell('after failing', note('never'), { dependsOn: 'failing' }),
          shell('seems to watch', 'echo starts; echo "is done"; sleep 0.3; exit 3', {
            problemMatcher: {
              owner: 'watch',
              pattern,
              background: { activeOnStart: true, beginsPattern: '^starts', endsPattern: '^is done' },
            },
          }),
          shell('after what seems to watch', note('never'), { dependsOn: 'seems to watch' }),
          shell('check all', "printf 'b.txt:1: error: of all\\nc.txt:1: error: of all\\n'", {
            problemMatcher: { owner: 'shared', pattern },
          }),
          shell('check one', "printf 'c.txt:0: error: of one\\nc.txt:0: error: of one\\n'", {
            problemMatcher: [
              { owner: 'shared', pattern },
              { base: '$go', owner: 'shared' },
            ],
          }),
          shell('circle', 'true', { dependsOn: 'circle' }),
          shell('lost', 'true', { dependsOn: 'nobody' }),
          shell('twin', note('task'), { dependsOn: 'npm: twin' }),
          {
            label: 'own watch',
            type: 'backgroundJob',
            command: `echo starts; sleep 0.3; ${note('watched')}; echo "is done"; exec sleep 600`,
            isBackground: true,
            problemMatcher: { owner: 'watch', pattern, background: { activeOnStart: true, endsPattern: '^is done' } },
          },
          shell('after own watch', note('after'), { dependsOn: 'own watch' }),
          shell('odd matcher', note('odd'), {
            problemMatcher: { owner: 'own', pattern, background: { beginsPattern: '(' } },
          }),
          { label: 'by reference', type: 'backgroundJob', task: 'first', problemMatcher: [] },
          shell('platform', 'echo general', {
            linux: { command: 'echo "c.txt:2: error: of linux"', problemMatcher: { owner: 'own', pattern } },
            problemMatcher: [],
          }),
        ],
      }),
    );
    await until(
      'the tasks are known',
      async () => {
        const names = (await vscode.tasks.fetchTasks()).map(({ source, name }) => `${source}: ${name}`);
        if (['Workspace: platform', 'npm: twin'].every((name) => names.includes(name))) return true;
        // The editor keeps the scripts that it knows until it sees a change of the file.
        put('package.json', scripts);
        return undefined;
      },
      60_000,
    );
  });

  afterEach(async () => {
    for (const execution of vscode.tasks.taskExecutions) execution.terminate();
    await until('no task runs', () => vscode.tasks.taskExecutions.length === 0 || undefined);
    await removeAllJobs();
  });

  const run = (task: string): Thenable<Job | undefined> =>
    vscode.commands.executeCommand<Job | undefined>(commands.start, { task });
  const order = (): string[] => readFileSync(join(workspaceFolder(), 'order'), 'utf8').trim().split('\n');

  async function problemsOf(file: string, message: string): Promise<vscode.Diagnostic> {
    const uri = vscode.Uri.file(join(workspaceFolder(), file));
    return until(`"${message}" in ${file}`, () =>
      vscode.languages.getDiagnostics(uri).find((one) => one.message === message),
    );
  }

  async function ended(task: string): Promise<Job> {
    const job = await run(task);
    assert.ok(job, task);
    return untilEnded(job.id);
  }

  it('fills the Problems panel by a matcher that an extension has', async () => {
    const job = await ended('named matcher');
    assert.deepEqual([job.name, job.status, job.exitCode], ['named matcher', 'failed', 2]);
    const { range, severity } = await problemsOf('src/a.ts', 'is wrong');
    assert.deepEqual([range.start.line, severity], [1, vscode.DiagnosticSeverity.Error]);
  });

  it('fills the Problems panel by a matcher of its own, and takes the problems back with its next run', async () => {
    await ended('own matcher');
    const { range, severity, source } = await problemsOf('b.txt', 'is odd');
    assert.deepEqual([range.start.line, severity, source], [2, vscode.DiagnosticSeverity.Warning, 'own tool']);
    await ended('own matcher');
    await until('its output is matched', () => vscode.tasks.taskExecutions.length === 0 || undefined);
    const diagnostics = vscode.languages.getDiagnostics(vscode.Uri.file(join(workspaceFolder(), 'b.txt')));
    assert.equal(diagnostics.filter(({ message }) => message === 'is odd').length, 1);
  });

  it('fills the Problems panel by a matcher that is based on one of the editor, for a type of another extension', async () => {
    const job = await ended('lint');
    assert.equal(job.command, 'npm run lint');
    const { range, severity, code } = await problemsOf('c.txt', 'linted');
    assert.deepEqual([range.start.line, severity, code], [1, vscode.DiagnosticSeverity.Warning, 'no-x']);
  });

  it('replaces the problems of another task that has the same owner, and counts each once', async () => {
    const texts = (file: string): string[] => {
      const found = vscode.languages.getDiagnostics(vscode.Uri.file(join(workspaceFolder(), file)));
      return found
        .map(({ message, range }) => `${range.start.line} ${message}`)
        .filter((text) => / of (all|one)/.test(text));
    };
    await ended('check all');
    await problemsOf('c.txt', 'of all');
    await ended('check one');
    await until('the problems are replaced', () => texts('b.txt').length === 0 || undefined);
    assert.deepEqual(texts('c.txt'), ['0 of one']);
  });

  it('takes its problems back when it is terminated in the background', async () => {
    await run('watch');
    const { range } = await problemsOf('b.txt', 'watched');
    assert.equal(range.start.line, 0);
    for (const execution of vscode.tasks.taskExecutions) execution.terminate();
    const uri = vscode.Uri.file(join(workspaceFolder(), 'b.txt'));
    const isShown = (): boolean => vscode.languages.getDiagnostics(uri).some(({ message }) => message === 'watched');
    await until('the problem is gone', () => !isShown() || undefined);
  });

  it('runs although one of its matchers cannot be used', async () => {
    await ended('unknown matcher');
    await problemsOf('c.txt', 'found');
    assert.equal((await ended('odd matcher')).status, 'completed');
  });

  it('takes what tasks.json says for this platform', async () => {
    if (process.platform !== 'linux') return;
    await ended('platform');
    await problemsOf('c.txt', 'of linux');
  });

  it('comes after all that it depends on, each once, and does not wait for the end of what works in the background', async () => {
    put('order', '');
    const job = await ended('all');
    assert.equal(job.status, 'completed');
    assert.deepEqual(order(), ['watched', 'first', 'also', 'all']);
    await problemsOf('b.txt', 'watched');
    const { jobs } = await (await service()).listJobs();
    assert.deepEqual(jobs.map(({ name, status }) => `${name} ${status}`).sort(), [
      'all completed',
      'also first completed',
      'first completed',
      'watch running',
    ]);
    await ended('all');
    const again = await (await service()).listJobs();
    assert.equal(again.jobs.filter(({ name }) => name === 'watch').length, 1);
  });

  it('is not the script of the same name that it depends on', async () => {
    put('order', '');
    const job = await ended('twin');
    assert.equal(job.command, note('task'));
    assert.deepEqual(order(), ['script', 'task']);
  });

  it('waits for one of the type backgroundJob until its matcher says that its work is done', async () => {
    put('order', '');
    await ended('after own watch');
    await ended('after own watch');
    assert.deepEqual(order(), ['watched', 'after', 'after']);
  });

  it('starts no second job when it is started while it runs', async () => {
    put('order', '');
    const first = await run('watch');
    const second = await run('watch');
    assert.deepEqual([second?.id, second?.status], [first?.id, 'running']);
    // The editor asks what to do about the one that runs.
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    await ended('all');
    assert.deepEqual(order(), ['watched', 'first', 'also', 'all']);
  });

  it('is restarted by the editor', async () => {
    const first = await run('watch');
    await vscode.commands.executeCommand('workbench.action.tasks.restartTask', 'watch');
    const again = await until('the other job', async () =>
      (await (await service()).listJobs({ status: 'running' })).jobs.find(({ id }) => id !== first?.id),
    );
    assert.equal(again.name, 'watch');
    assert.equal((await untilEnded(first?.id ?? '')).status, 'killed');
  });

  it('does not start after one that has failed', async () => {
    put('order', '');
    assert.equal(await run('after failing'), undefined);
    assert.deepEqual(order(), ['']);
    assert.deepEqual(
      (await (await service()).listJobs()).jobs.map(({ name }) => name),
      ['failing'],
    );
  });

  it('does not start before the end of one that is not in the background, whatever its matcher says', async () => {
    put('order', '');
    assert.equal(await run('after what seems to watch'), undefined);
    assert.deepEqual(order(), ['']);
  });

  it('starts nothing when it cannot come to its turn', async () => {
    for (const task of ['circle', 'lost', 'no such task']) assert.equal(await run(task), undefined);
    assert.deepEqual((await extension()).model.jobs(), []);
  });

  it('can be named by a task of the type backgroundJob', async () => {
    put('order', '');
    await run('by reference');
    const { jobs } = await until('the job', async () => {
      const list = await (await service()).listJobs();
      return list.jobs.some(({ status }) => status === 'completed') ? list : undefined;
    });
    assert.deepEqual([jobs.map(({ name }) => name), order()], [['by reference'], ['first']]);
  });
});
