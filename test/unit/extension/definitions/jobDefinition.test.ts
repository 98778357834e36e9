import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  readInputs,
  secretsOf,
  fillIn,
  startOf,
  type Definition,
} from '../../../../src/extension/definitions/jobDefinition.ts';
import {
  MisplacedSecret,
  questionsIn,
  type VariableScope,
} from '../../../../src/extension/definitions/taskVariables.ts';

describe('A template', () => {
  const inputs = readInputs([
    { id: 'what', type: 'promptString' },
    { id: 'key', type: 'promptString', password: true },
  ]);
  const scope: VariableScope = {
    folder: '/work/shop',
    folders: [],
    env: { LEVEL: '3' },
    home: '/home/me',
    setting: () => undefined,
    editor: null,
    answers: new Map([
      ['input:what', "it's $(date) two"],
      ['input:key', 's3cret'],
    ]),
    secrets: secretsOf(inputs),
  };
  const filled = (definition: Definition) => startOf(fillIn(definition, scope), scope.folder);

  it('is filled in wherever it has texts', () => {
    const { request } = filled({
      argv: ['say', '${input:what}'],
      cwd: 'sub',
      env: { OUT: '${workspaceFolder}/out', GONE: null },
      tags: { level: '${env:LEVEL}' },
      stdin: { type: 'text', text: '${input:what}' },
      priority: 7,
      inputs: [{ id: 'what', type: 'promptString', description: '${input:nobody}' }],
    });
    assert.deepEqual(request.argv, ['say', "it's $(date) two"]);
    assert.equal(request.cwd, '/work/shop/sub');
    assert.deepEqual(request.env, { OUT: '/work/shop/out', GONE: null });
    assert.deepEqual(request.tags, { level: '3' });
    assert.deepEqual(request.stdin, { type: 'text', text: "it's $(date) two" });
    assert.equal(request.priority, 7);
    assert.ok(!('inputs' in request));
  });

  it('is started in the workspace folder when it names no other', () => {
    assert.equal(filled({ command: 'make' }).request.cwd, '/work/shop');
    assert.equal(filled({ command: 'make', cwd: '${userHome}/x' }).request.cwd, '/home/me/x');
  });

  it('gives a password to the environment alone', () => {
    const { request, secretEnv } = filled({ command: 'deploy', env: { KEY: '${input:key}', LEVEL: '${env:LEVEL}' } });
    assert.deepEqual([request.env, secretEnv], [{ LEVEL: '3' }, { KEY: 's3cret' }]);
    for (const definition of [
      { command: 'deploy ${input:key}' },
      { argv: ['deploy', '${input:key}'] },
      { command: 'deploy', stdin: { type: 'text', text: '${input:key}' } },
      { command: 'deploy', tags: { key: '${input:key}' } },
    ]) {
      assert.throws(() => filled(definition), MisplacedSecret);
    }
  });

  it('says which of its options there are not, and what they have to be', () => {
    assert.throws(() => filled({ command: 'a', prio: 3 }), /unknown field "prio": known are command, argv/);
    assert.throws(() => filled({ command: 'a', priority: 'high' }), /^BgJobsError: priority: /);
    assert.throws(() => filled({ command: 'a', env: 'A=b' }), /^BgJobsError: env: /);
    assert.throws(() => filled({ command: 'a', cwd: '${config:no.such}' }), { message: '${config:no.such}' });
  });

  it('asks each question once', () => {
    assert.deepEqual(
      questionsIn({ command: '${input:a} ${command:b.c} ${input:a} ${env:X}', env: { K: ['${input:d}'] } }),
      ['input:a', 'command:b.c', 'input:d'],
    );
  });

  it('has the inputs that can be read', () => {
    const list = [
      { id: 'a', type: 'promptString', unknown: true },
      { id: 'b', type: 'pickString', options: ['x', { label: 'Y', value: 'y' }] },
      { id: 'c', type: 'pickString', options: [] },
      { id: 'd', type: 'command', command: 'x.y', args: { z: 1 } },
      { id: 'e' },
      null,
    ];
    assert.deepEqual(
      readInputs(list).map(({ id }) => id),
      ['a', 'b', 'd'],
    );
    assert.deepEqual(readInputs('none'), []);
  });
});
