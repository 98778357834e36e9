import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  questionsIn,
  resolveEnvironment,
  resolveVariables,
  Unanswered,
} from '../../../../src/extension/definitions/taskVariables.ts';
import { scopeWith } from './variableScope.ts';

describe('A variable of a task', () => {
  const settings: Record<string, unknown> = {
    'python.defaultInterpreterPath': '${workspaceFolder}/.venv/bin/python',
    list: ['a', 2, '${env:X}'],
    itself: '<${config:itself}>',
    first: '${config:second}',
    second: '${config:first}',
    name: 'X',
    object: { a: 1 },
    asks: '${input:what}',
  };
  const scope = scopeWith({
    folders: [{ name: 'lib', path: '/ws/lib' }],
    env: { X: 'x y', Y: '${workspaceFolder}' },
    setting: (name) => settings[name],
    extensionFolder: (id) => (id === 'a.b' ? '/ext/a.b-1' : undefined),
    editor: { file: '/ws/lib/src/a.ts', folder: '/ws/lib', line: 3, column: 1, selection: '' },
    answers: new Map([
      ['input:out', '${workspaceFolder}/out'],
      ['command:pick', 'picked'],
      ['taskVar:port', '80'],
    ]),
  });
  const resolved = (text: string): string => resolveVariables(text, scope);

  it('is filled in again within what another one stands for', () => {
    assert.equal(resolved('${config:python.defaultInterpreterPath} -m pytest'), '/ws/.venv/bin/python -m pytest');
    assert.equal(resolved('${input:out} ${command:pick} ${env:Y}'), '/ws/out picked /ws');
    assert.equal(resolved('${taskVar:port} ${taskVar:host}'), '80 ${taskVar:host}');
    assert.equal(resolved('${config:list}'), 'a,2,x y');
  });

  it('is left where it stands for itself', () => {
    assert.equal(resolved('${config:itself}'), '<${config:itself}>');
    assert.equal(resolved('${config:first}'), '${config:first}');
  });

  it('is filled in within the name of another one', () => {
    assert.equal(resolved('[${env:${config:name}}]'), '[x y]');
    assert.equal(resolved('${OUT:-${workspaceFolder}/out}'), '${OUT:-/ws/out}');
  });

  it('of the shell is left to it', () => {
    for (const text of ['${HOME}', '${}', '$HOME', '${', '${a ${b}', '${unknown:x}', 'awk {print}', '}']) {
      assert.equal(resolved(text), text);
    }
    assert.equal(resolved('${open ${workspaceFolder}'), '${open /ws');
    assert.equal(resolved('<${env:NONE}>'), '<>');
  });

  it('knows where the editor and extensions are installed, and folders by name', () => {
    assert.equal(resolved('${execInstallFolder} ${extensionInstallFolder:a.b}'), '/opt/editor /ext/a.b-1');
    assert.equal(resolved('${workspaceFolder:lib} ${workspaceFolderBasename:lib} ${cwd:lib}'), '/ws/lib lib /ws/lib');
    assert.equal(resolved('${relativeFile} ${relativeFile:lib}'), 'lib/src/a.ts src/a.ts');
  });

  it('without a value is named by the failure', () => {
    for (const text of [
      '${config:none}',
      '${config:object}',
      '${extensionInstallFolder:x.y}',
      '${workspaceFolder:none}',
      '${selectedText}',
    ]) {
      assert.throws(() => resolved(`a ${text}`), { message: text });
    }
    assert.throws(() => resolveVariables('${file}', scopeWith({})), { message: '${file}' });
  });

  it('that needs an answer says which, also in what another one stands for', () => {
    for (const text of ['${input:what}', '${config:asks}', '${env:${input:what}}']) {
      assert.throws(
        () => resolved(text),
        (error) => error instanceof Unanswered && error.message === 'input:what',
      );
    }
    const definition = {
      command: '${input:a} ${command:b.c} ${input:a} ${env:${input:d}}',
      env: { K: ['${input:e}'] },
    };
    assert.deepEqual(questionsIn(definition), ['input:a', 'command:b.c', 'input:d', 'input:e']);
  });

  it('of the environment may be a number or a boolean, and null removes one', () => {
    const env = { PORT: 3000, DEBUG: false, GONE: null, OUT: '${input:out}' };
    assert.deepEqual(resolveEnvironment(env, scope).env, { PORT: '3000', DEBUG: 'false', GONE: null, OUT: '/ws/out' });
  });
});
