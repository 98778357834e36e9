import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { taskJob, type TaskExecution } from '../../../../src/extension/definitions/taskJob.ts';
import { MisplacedSecret, type VariableScope } from '../../../../src/extension/definitions/taskVariables.ts';

describe('A workspace task as a job', () => {
  const scope: VariableScope = {
    folder: '/work/shop',
    folders: [{ name: 'docs', path: '/work/docs' }],
    env: { LEVEL: '3' },
    home: '/home/me',
    setting: (name) => (name === 'shop.port' ? 8080 : undefined),
    editor: { file: '/work/shop/src/a.test.ts', folder: '/work/shop', line: 7, column: 3, selection: 'sel' },
    answers: new Map([
      ['input:what', 'two words'],
      ['input:key', 's3cret'],
    ]),
    secrets: new Set(['input:key']),
  };
  const job = (execution: TaskExecution, platform: NodeJS.Platform = 'linux') => taskJob(execution, scope, platform);
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

  it('quotes arguments as the task asks for it', () => {
    const args = [
      'plain',
      'two words',
      '$X',
      { value: 'a$X b', quoting: 2 },
      { value: '$X "q"', quoting: 3 },
      { value: 'a b;c', quoting: 1 },
    ];
    const { command } = job({ type: 'shell', command: 'for a in', args: [], options: {} });
    assert.equal(command, "'for a in'");
    const shell = job({ type: 'shell', command: 'printf', args: ['%s,', ...args], options: {} }).command ?? '';
    assert.equal(
      execFileSync('sh', ['-c', shell], { encoding: 'utf8', env: { X: 'x' } }),
      'plain,two words,x,a$X b,x "q",a b;c,',
    );
    assert.equal(
      job({ type: 'shell', command: 'C:\\my tools\\x', args: ['a b'], options: {} }, 'win32').command,
      '"C:\\my tools\\x" "a b"',
    );
  });

  it('keeps the shell that the task has chosen', () => {
    const shell = (shellArgs?: string[]) =>
      job({ type: 'shell', commandLine: 'echo', options: { executable: '/bin/zsh', ...(shellArgs && { shellArgs }) } });
    assert.equal(shell().shell, '/bin/zsh');
    assert.deepEqual(shell(['-l', '-c']).argv, ['/bin/zsh', '-l', '-c', 'echo']);
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

  it('names the variable that it cannot fill in', () => {
    for (const variable of ['${input:target}', '${command:x.y}', '${workspaceFolder:none}', '${config:no.such}']) {
      assert.throws(() => line(`make ${variable}`), { message: variable });
    }
  });

  it('gives a password to the environment alone, and nowhere else', () => {
    const env = { KEY: 'key=${input:key}', PLAIN: 'x' };
    const made = job({ type: 'shell', commandLine: 'deploy', options: { env } });
    assert.deepEqual([made.env, made.secretEnv], [{ PLAIN: 'x' }, { KEY: 'key=s3cret' }]);
    assert.throws(() => line('deploy --key ${input:key}'), MisplacedSecret);
  });
});
