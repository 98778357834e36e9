import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  readInputs,
  secretsOf,
  fillIn,
  startOf,
  type Definition,
} from '../../../../src/extension/definitions/jobDefinition.ts';
import { MisplacedSecret } from '../../../../src/extension/definitions/taskVariables.ts';
import { scopeWith } from './variableScope.ts';

describe('A template', () => {
  const inputs = readInputs([
    { id: 'what', type: 'promptString' },
    { id: 'key', type: 'promptString', password: true },
  ]);
  const scope = scopeWith({
    folder: '/work/shop',
    env: { LEVEL: '3' },
    answers: new Map([
      ['input:what', "it's $(date) two"],
      ['input:key', 's3cret ${env:LEVEL}'],
    ]),
    secrets: secretsOf(inputs),
  });
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
    assert.deepEqual([request.env, secretEnv], [{ LEVEL: '3' }, { KEY: 's3cret ${env:LEVEL}' }]);
    for (const definition of [
      { command: 'deploy ${input:key}' },
      { argv: ['deploy', '${input:key}'] },
      { command: 'deploy', stdin: { type: 'text', text: '${input:key}' } },
      { command: 'deploy', tags: { key: '${input:key}' } },
    ]) {
      assert.throws(() => filled(definition), MisplacedSecret);
    }
  });

  it('names options that do not exist, and the types of wrong ones', () => {
    assert.throws(() => filled({ command: 'a', prio: 3 }), /unknown field "prio": known are command, argv/);
    assert.throws(() => filled({ command: 'a', priority: 'high' }), /^BgJobsError: priority: /);
    assert.throws(() => filled({ command: 'a', env: 'A=b' }), /^BgJobsError: env: /);
    assert.throws(() => filled({ command: 'a', cwd: '${config:no.such}' }), { message: '${config:no.such}' });
  });

  it('takes numbers and booleans as the texts of variables', () => {
    const env = { PORT: 8080, DEBUG: false, GONE: null };
    assert.deepEqual(filled({ command: 'a', env }).request.env, { PORT: '8080', DEBUG: 'false', GONE: null });
    const task = startOf({ options: { command: 'a', env }, secretEnv: {} }, '/work');
    assert.deepEqual(task.request.env, { PORT: '8080', DEBUG: 'false', GONE: null });
    assert.throws(() => filled({ command: 'a', env: { A: ['b'] } }), /^BgJobsError: env\.A: /);
  });

  it('has the inputs that can be read', () => {
    const list = [
      { id: 'a', type: 'promptString', unknown: true },
      { id: 'b', type: 'pickString', options: ['x', { label: 'Y', value: 'y' }, { value: 'z' }] },
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
