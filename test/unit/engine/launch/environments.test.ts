import assert from 'node:assert/strict';
import { Environments } from '../../../../src/engine/launch/command.ts';

describe('Environments', () => {
  it("has the caller's while it is kept, and else the host's own", () => {
    const environments = new Environments();
    environments.keep('given', { A: '1' });
    environments.keep('none', undefined);
    assert.deepEqual(environments.of('given'), { A: '1' });
    assert.equal(environments.of('none'), process.env);
    assert.deepEqual([environments.has('given'), environments.has('none')], [true, false]);
    environments.forget('given');
    assert.equal(environments.of('given'), process.env);
  });

  it('holds those that are alike once, each for as long as one job has it', () => {
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

  it("gives what a schedule makes the schedule's, which stays", () => {
    const environments = new Environments();
    environments.keep('schedule', { A: '1' });
    environments.share('schedule', 'made');
    environments.share('unknown', 'other');
    environments.forget('made');
    environments.share('schedule', 'next');
    assert.deepEqual(environments.of('next'), { A: '1' });
    assert.deepEqual([environments.has('made'), environments.has('other')], [false, false]);
  });
});
