import assert from 'node:assert/strict';
import { Environments } from '../../../../src/engine/launch/command.ts';
import { jobRow } from '../../../helpers/engine/jobRow.ts';

describe('Environments', () => {
  it('returns the environment of the caller while it is kept, and otherwise that of the host', () => {
    const environments = new Environments();
    environments.keep('given', { A: '1' });
    environments.keep('none', undefined);
    assert.deepEqual(environments.of(jobRow({}, { id: 'given' })), { A: '1' });
    assert.deepEqual(environments.of(jobRow({}, { id: 'none' })), { ...process.env });
    assert.deepEqual([environments.byJob.has('given'), environments.byJob.has('none')], [true, false]);
    environments.forget('given');
    assert.deepEqual(environments.of(jobRow({}, { id: 'given' })), { ...process.env });
  });

  it('keeps equal environments once, each as long as a job uses it', () => {
    const environments = new Environments();
    environments.keep('a', { A: '1' });
    environments.keep('b', { A: '1' });
    assert.equal(environments.of(jobRow({}, { id: 'a' })), environments.of(jobRow({}, { id: 'b' })));
    const before = environments.of(jobRow({}, { id: 'a' }));
    environments.keep('a', { A: '1' });
    assert.equal(environments.of(jobRow({}, { id: 'a' })), before);
    environments.keep('a', { A: '2' });
    environments.forget('b');
    environments.forget('b');
    environments.keep('c', { A: '1' });
    assert.notEqual(environments.of(jobRow({}, { id: 'c' })), before);
    assert.deepEqual(
      [environments.of(jobRow({}, { id: 'a' })), environments.of(jobRow({}, { id: 'c' }))],
      [{ A: '2' }, { A: '1' }],
    );
  });

  it('gives jobs of a schedule the environment of the schedule, which is kept', () => {
    const environments = new Environments();
    environments.keep('schedule', { A: '1' });
    environments.share('schedule', 'made');
    environments.share('unknown', 'other');
    environments.forget('made');
    environments.share('schedule', 'next');
    assert.deepEqual(environments.of(jobRow({}, { id: 'next' })), { A: '1' });
    assert.deepEqual([environments.byJob.has('made'), environments.byJob.has('other')], [false, false]);
  });

  it('has a secret of the caller, and none of the host under the same name', () => {
    const environments = new Environments();
    const job = jobRow({ secrets: ['HOME', 'TOKEN'] });
    environments.keep(job.id, { HOME: '/h', TOKEN: 't' });
    assert.deepEqual(environments.of(job), { HOME: '/h', TOKEN: 't' });
    environments.forget(job.id);
    assert.equal(environments.of(job)['HOME'], undefined);
    assert.equal(environments.of(job)['PATH'], process.env['PATH']);
  });
});
