import assert from 'node:assert/strict';
import { Environments } from '../../../../src/engine/launch/command.ts';

describe('Environments', () => {
  it('returns the environment of the caller while it is kept, and otherwise that of the host', () => {
    const environments = new Environments();
    environments.keep('given', { A: '1' });
    environments.keep('none', undefined);
    assert.deepEqual(environments.of('given'), { A: '1' });
    assert.deepEqual(environments.of('none'), { ...process.env });
    assert.deepEqual([environments.byJob.has('given'), environments.byJob.has('none')], [true, false]);
    environments.forget('given');
    assert.deepEqual(environments.of('given'), { ...process.env });
  });

  it('keeps equal environments once, each as long as a job uses it', () => {
    const environments = new Environments();
    environments.keep('a', { A: '1' });
    environments.keep('b', { A: '1' });
    assert.equal(environments.of('a'), environments.of('b'));
    const before = environments.of('a');
    environments.keep('a', { A: '1' });
    assert.equal(environments.of('a'), before);
    environments.keep('a', { A: '2' });
    environments.forget('b');
    environments.forget('b');
    environments.keep('c', { A: '1' });
    assert.notEqual(environments.of('c'), before);
    assert.deepEqual([environments.of('a'), environments.of('c')], [{ A: '2' }, { A: '1' }]);
  });

  it('gives jobs of a schedule the environment of the schedule, which is kept', () => {
    const environments = new Environments();
    environments.keep('schedule', { A: '1' });
    environments.share('schedule', 'made');
    environments.share('unknown', 'other');
    environments.forget('made');
    environments.share('schedule', 'next');
    assert.deepEqual(environments.of('next'), { A: '1' });
    assert.deepEqual([environments.byJob.has('made'), environments.byJob.has('other')], [false, false]);
  });
});
