import assert from 'node:assert/strict';
import { failureExcerpt } from '../../../src/text/failureExcerpt.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';

describe('the excerpt of a failure', () => {
  const excerptOf = async (script: string) => {
    await using test = await EngineFixture.open();
    return await failureExcerpt(test.engine, await test.ended(await test.sh(script)));
  };
  const noise = 'for n in $(seq 500); do echo "line $n"; done';

  it('is the end of the output, and the first lines about errors that come before it', async () => {
    const { firstErrors, end } = await excerptOf(`echo ok; echo '\x1b[31mE\x1b[0mrror: no a'; ${noise}; exit 1`);
    assert.equal(firstErrors, 'Error: no a');
    assert.deepEqual([end.split('\n')[0], end.split('\n').length], ['line 441', 60]);
  });

  it('quotes nothing twice, and little of many errors', async () => {
    const { firstErrors, end } = await excerptOf("echo 'error: a' >&2; exit 1");
    assert.deepEqual([firstErrors, end], ['', 'error: a']);
    const many = await excerptOf(`for n in $(seq 1000); do echo "error $n"; done; ${noise}; exit 1`);
    assert.deepEqual(many.firstErrors.split('\n').slice(-1), ['error 12']);
  });

  it('is empty for a job that has written nothing', async () => {
    assert.deepEqual(await excerptOf('exit 1'), { firstErrors: '', end: '' });
  });
});
