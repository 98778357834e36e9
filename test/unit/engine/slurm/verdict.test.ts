import assert from 'node:assert/strict';
import { needsReason, recordedEnd, unrecordedEnd } from '../../../../src/engine/slurm/verdict.ts';

const spec = { limits: {}, slurm: undefined };
const record = { exitCode: 0, signal: null, at: 5, gotTerm: false, isClear: true };
const beginning = { pid: 1, node: 'n1', nodes: 1, at: 1 };
const job = (state: string, reason = 'None') => ({
  ...{ key: '7', id: '7', state, reason, node: 'n1', partition: 'main', submitted: 's', start: null },
});

describe('the verdict on a run in Slurm', () => {
  it('is the record, and Slurm is asked why only if it cannot tell', () => {
    assert.equal(needsReason(record), false);
    assert.equal(needsReason({ ...record, exitCode: 3 }), false);
    for (const unclear of [{ exitCode: 137 }, { exitCode: null, signal: 'SIGKILL' }, { gotTerm: true }]) {
      assert.equal(needsReason({ ...record, ...unclear }), true);
    }
    assert.deepEqual(recordedEnd(record, job('COMPLETED'), spec), { exitCode: 0, signal: null, at: 5 });
  });

  it('tells the limits of Slurm apart', () => {
    const whyOf = (state: string, limits = {}) => recordedEnd(record, job(state), { ...spec, limits }).why;
    assert.deepEqual([whyOf('TIMEOUT')?.status, whyOf('TIMEOUT')?.reason], ['timed_out', 'timeout']);
    assert.deepEqual([whyOf('OUT_OF_MEMORY')?.status, whyOf('OUT_OF_MEMORY')?.reason], ['failed', 'out_of_memory']);
    assert.equal(whyOf('OUT_OF_MEMORY', { memoryBytes: 2 ** 20 })?.status, 'timed_out');
    assert.deepEqual([whyOf('CANCELLED')?.status, whyOf('CANCELLED')?.reason], ['killed', 'signal']);
  });

  it('is lost where nothing is on record and Slurm names no limit', () => {
    const endOf = (state: string) => unrecordedEnd(job(state), beginning, spec, 9).why;
    assert.equal(endOf('TIMEOUT')?.status, 'timed_out');
    for (const state of ['COMPLETED', 'FAILED', 'CANCELLED', 'PREEMPTED']) assert.equal(endOf(state)?.status, 'lost');
    assert.deepEqual(endOf('NODE_FAIL'), {
      status: 'lost',
      reason: 'node_lost',
      reasonText: 'Slurm has lost the node n1: the command may still run there',
    });
    assert.equal(unrecordedEnd(undefined, beginning, spec, 9).why?.status, 'lost');
    assert.equal(unrecordedEnd(undefined, undefined, spec, 9).why?.status, 'lost');
  });

  it('is a failed start where the command never began', () => {
    assert.equal(unrecordedEnd(job('CANCELLED'), undefined, spec, 9).why?.status, 'killed');
    const { status, errorMessage } = unrecordedEnd(job('FAILED', 'JobLaunchFailure'), undefined, spec, 9).why!;
    assert.deepEqual([status, errorMessage], ['failed', 'Slurm could not start it: FAILED, JobLaunchFailure.']);
  });
});
