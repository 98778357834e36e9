import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { taskJob, type TaskExecution, type TaskShell } from '../../../../src/extension/definitions/taskJob.ts';
import { MisplacedSecret } from '../../../../src/extension/definitions/taskVariables.ts';
import { scopeWith } from './variableScope.ts';

describe('A workspace task as a job', () => {
  const users: TaskShell = { path: '/bin/bash', args: [], isUsers: true };
  const profile: TaskShell = { path: '/bin/zsh', args: ['-l'], isUsers: false };
  const scope = scopeWith({
    folder: '/work/shop',
    folders: [{ name: 'docs', path: '/work/docs' }],
    env: { LEVEL: '3' },
    setting: (name) => (name === 'shop.port' ? 8080 : undefined),
    editor: { file: '/work/shop/src/a.test.ts', folder: '/work/shop', line: 7, column: 3, selection: 'sel' },
    answers: new Map([
      ['input:what', 'two words'],
      ['input:key', 's3cret'],
    ]),
    secrets: new Set(['input:key']),
  });
  const job = (execution: TaskExecution, shell = users, platform: NodeJS.Platform = 'linux') =>
    taskJob(execution, scope, shell, platform);
  const line = (commandLine: string) => job({ type: 'shell', commandLine, options: {} }).command;

  it('is an argument list when it is a process', () => {
    const options = { cwd: 'sub', env: { OUT: '${workspaceFolder}/out' } };
    assert.deepEqual(job({ type: 'process', process: 'make', args: ['-j2', 'a b'], options }), {
      argv: ['make', '-j2', 'a b'],
      cwd: '/work/shop/sub',
      env: { OUT: '/work/shop/out' },
      secretEnv: {},
    });
  });

  it('is a shell line when it is one', () => {
    assert.deepEqual(job({ type: 'shell', commandLine: 'make && echo $X', options: {} }), {
      command: 'make && echo $X',
      cwd: '/work/shop',
      env: {},
      secretEnv: {},
    });
  });

  it('quotes an argument together with what its variables stand for', () => {
    const quoted = job({ type: 'shell', command: 'echo', args: ['${input:what}', '-x${input:what}'], options: {} });
    assert.equal(quoted.command, "echo 'two words' '-xtwo words'");
    assert.deepEqual(job({ type: 'process', process: 'echo', args: ['${input:what}'], options: {} }).argv, [
      'echo',
      'two words',
    ]);
    assert.equal(line('make ${input:what}'), 'make two words');
  });

  it('leaves to the shell what is no variable of the editor', () => {
    assert.equal(line('echo ${HOME} ${NAME:-none} ${columnNumber}'), 'echo ${HOME} ${NAME:-none} 3');
  });

  it('fills in variables', () => {
    assert.equal(
      line('${workspaceFolder} ${workspaceFolderBasename} ${workspaceFolder:docs}'),
      '/work/shop shop /work/docs',
    );
    assert.equal(line('${env:LEVEL}${env:NONE} ${config:shop.port} ${userHome}'), '3 8080 /home/me');
    assert.equal(
      line('${relativeFile}:${lineNumber} ${fileBasenameNoExtension} ${selectedText}'),
      'src/a.test.ts:7 a.test sel',
    );
  });

  it('names the variable that it cannot fill in', () => {
    for (const variable of ['${workspaceFolder:none}', '${config:no.such}']) {
      assert.throws(() => line(`make ${variable}`), { message: variable });
    }
  });

  it('gives a password to the environment alone, and nowhere else', () => {
    const env = { KEY: 'key=${input:key}', PLAIN: 'x' };
    const made = job({ type: 'shell', commandLine: 'deploy', options: { env } });
    assert.deepEqual([made.env, made.secretEnv], [{ PLAIN: 'x' }, { KEY: 'key=s3cret' }]);
    assert.throws(() => line('deploy --key ${input:key}'), MisplacedSecret);
  });

  it('is one word without arguments only if what is filled in has blanks', () => {
    const spaced = { ...scope, folder: '/my shop' };
    const line = (commandLine: string) =>
      taskJob({ type: 'shell', commandLine, options: {} }, spaced, users, 'linux').command;
    assert.equal(line('${workspaceFolder}/run'), "'/my shop/run'");
    assert.equal(line('cd ${workspaceFolder} && ls'), 'cd /my shop && ls');
  });

  it('is run by the shell that the task names, else by that of the terminal', () => {
    const run = (options: object, shell?: TaskShell, platform?: NodeJS.Platform) => {
      const made = job({ type: 'shell', commandLine: 'make', options }, shell, platform);
      return made.argv ?? [made.shell ?? 'the default', made.command];
    };
    assert.deepEqual(run({}, profile), ['/bin/zsh', '-l', '-c', 'make']);
    assert.deepEqual(run({}, { ...profile, args: [] }), ['/bin/zsh', 'make']);
    assert.deepEqual(run({}, { ...profile, args: ['-x', '-c'] }), ['/bin/zsh', '-x', '-c', 'make']);
    assert.deepEqual(run({ executable: '/bin/sh' }, profile), ['/bin/sh', 'make']);
    assert.deepEqual(run({ executable: '/bin/sh', shellArgs: ['-e', '-c'] }), ['/bin/sh', '-e', '-c', 'make']);
    assert.deepEqual(run({ shellArgs: ['-e'] }), ['/bin/bash', '-e', '-c', 'make']);
    assert.deepEqual(run({}, { path: 'pwsh.exe', args: ['-NoProfile'], isUsers: false }, 'win32'), [
      ...['pwsh.exe', '-NoProfile', '-Command', 'make'],
    ]);
  });

  it('has variables of the environment that are numbers, and removes those that are null', () => {
    const { env } = job({ type: 'shell', commandLine: 'make', options: { env: { PORT: 3000, GONE: null } } });
    assert.deepEqual(env, { PORT: '3000', GONE: null });
  });
});
