import assert from 'node:assert/strict';
import { Environments } from '../../../src/engine/environments.ts';

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
