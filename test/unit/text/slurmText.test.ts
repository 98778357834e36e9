import assert from 'node:assert/strict';
import { slurmWaitText } from '../../../src/text/slurmText.ts';

const waiting = { id: '7', state: 'PENDING', reason: null, silentSince: null };
const textOf = (reason: string | null): string => slurmWaitText({ ...waiting, reason });

describe('why a job waits in Slurm', () => {
  it('is told in plain words, with the word of Slurm', () => {
    assert.equal(textOf('Priority'), 'in the queue of Slurm: jobs with a higher priority come first (Priority)');
    assert.match(textOf('QOSMaxJobsPerUserLimit'), /a limit of its account .* is reached \(QOSMaxJobsPerUserLimit\)$/);
    assert.match(textOf('ReqNodeNotAvail, May be reserved for other job'), /a node that it needs is not available/);
    assert.equal(textOf('SomethingNew'), 'in the queue of Slurm: SomethingNew');
    assert.equal(textOf('toString'), 'in the queue of Slurm: toString');
  });

  it('is told when Slurm gives no reason, was not asked or does not answer', () => {
    assert.equal(textOf('None'), 'in the queue of Slurm: waits for its turn');
    assert.equal(slurmWaitText({ ...waiting, id: null }), 'is being handed over to Slurm');
    const since = '2026-11-30T11:34:23.000Z';
    assert.match(slurmWaitText({ ...waiting, silentSince: since }), /does not answer since 2026-11-30T11:34:23/);
    assert.match(slurmWaitText({ ...waiting, reason: 'a\u001b[31mb' }), /a\\x1b\[31mb$/);
  });
});
