import assert from 'node:assert/strict';
import { startOf, updateOf } from '../../../../src/extension/start/jobEdit.ts';
import { jobRecord } from '../jobs.ts';

describe('What is saved of a job that was edited', () => {
  const job = jobRecord('held', { name: 'build', priority: 7, command: 'make' });
  job.options = { ...job.options, timeoutMs: 1000, limits: { memoryBytes: 2 ** 30, nice: 5 } };
  const start = startOf(job);
  const edited = (changes: object): unknown => updateOf(job, { request: { ...start.request, ...changes } });

  it('is nothing when nothing was changed', () => {
    assert.equal(updateOf(job, start), undefined);
    assert.equal(edited({ name: 'build', limits: { memoryBytes: 2 ** 30, nice: 5 } }), undefined);
  });

  it('is what was changed, and nothing else', () => {
    assert.deepEqual(edited({ command: 'make all', env: { A: '1', B: null } }), {
      command: 'make all',
      env: { A: '1', B: null },
    });
    assert.deepEqual(edited({ limits: { nice: 5 } }), { limits: { nice: 5 } });
  });

  it('says of an option that was taken away what holds without it', () => {
    assert.deepEqual(edited({ priority: undefined, timeoutMs: undefined, dependsOn: undefined }), {
      priority: 5,
      timeoutMs: null,
    });
  });

  it('replaces a program and its arguments by a command line', () => {
    const ofProgram = jobRecord('held', { command: null, argv: ['make', 'a b'] });
    const { request } = startOf(ofProgram);
    assert.deepEqual(updateOf(ofProgram, { request: { ...request, argv: undefined, command: 'make all' } }), {
      command: 'make all',
    });
  });
});
