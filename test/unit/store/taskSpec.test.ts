import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { StartRequest } from '../../../src/api/options.ts';
import { taskSpec } from '../../../src/store/taskSpec.ts';
import { jobRow } from '../../helpers/engine/jobRow.ts';

const specOf = (request: Partial<StartRequest>, item: string | null, number = 7) =>
  taskSpec(jobRow({ argv: undefined, ...request }).spec, { number, item });

describe('the spec of a task', () => {
  it('has the item in place of {} and the number in place of {#}, in every argument', () => {
    assert.deepEqual(specOf({ argv: ['{}', '-o{#}', 'a{}b{}', '{x}'] }, "it's").argv, [
      "it's",
      '-o7',
      "ait'sbit's",
      '{x}',
    ]);
  });

  it('has the number in place of both where the array was given as numbers', () => {
    assert.deepEqual(specOf({ argv: ['{}/{#}'] }, null).argv, ['7/7']);
    assert.deepEqual(specOf({ argv: ['true'] }, null).env, { BGJOBS_TASK: '7' });
  });

  for (const item of ['plain', 'two words', "it's", '$HOME `id` "x"', '; exit 3', '', 'a\nb', '~', '*', 'é']) {
    it(`gives a shell line the item ${JSON.stringify(item)} as one word`, () => {
      const { command = '' } = specOf({ command: "printf '<%s>' {} {#}" }, item);
      assert.equal(execFileSync('sh', ['-c', command], { encoding: 'utf8' }), `<${item}><7>`);
    });
  }

  it('quotes for PowerShell as PowerShell does', () => {
    assert.equal(specOf({ command: 'echo {}', shell: '/usr/bin/pwsh' }, "it's").command, "echo 'it''s'");
  });

  it('does not take an item for a pattern of a replacement', () => {
    assert.deepEqual(specOf({ argv: ['{}'] }, '$& {#}').argv, ['$& {#}']);
  });

  it('keeps the variables of the job, and has the number and the item as variables', () => {
    const { env } = specOf({ argv: ['true'], env: { A: '1' } }, 'x');
    assert.deepEqual(env, { A: '1', BGJOBS_TASK: '7', BGJOBS_TASK_ITEM: 'x' });
  });

  it('waits for nothing by itself', () => {
    const { dependsOn, held, at, array, name } = specOf(
      {
        argv: ['true'],
        array: { tasks: '1-9' },
        name: 'build',
        held: true,
        at: '2100-01-01T00:00:00Z',
        dependsOn: [{ job: 'a' }],
      },
      null,
    );
    assert.deepEqual([dependsOn, held, at, array, name], [[], false, undefined, undefined, 'build:7']);
  });
});
