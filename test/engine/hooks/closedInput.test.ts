import assert from 'node:assert/strict';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';

describe('a watcher that ends because its input is closed', () => {
  // As esbuild 0.28.2 does.
  const watch = 'cat > /dev/null; echo "[watch] stopped automatically because stdin was closed" >&2';

  it('says how to keep it open', async () => {
    await using test = await EngineFixture.open();
    const { status, reasonText } = await test.ended(await test.start({ command: `: --watch; ${watch}` }));
    assert.deepEqual(
      [status, reasonText],
      ['completed', 'its standard input was closed; keep it open with stdin: pipe (--stdin pipe)'],
    );
  });

  it('says nothing where the job had an input, or failed', async () => {
    await using test = await EngineFixture.open();
    const jobs = [
      await test.start({ command: `: --watch; ${watch}`, stdin: { type: 'text', text: 'x' } }),
      await test.start({ command: `: --watch; ${watch}; exit 1` }),
      await test.start({ command: ': --watch; echo done' }),
    ];
    for (const job of jobs) assert.equal((await test.ended(job)).reasonText, null);
  });
});
