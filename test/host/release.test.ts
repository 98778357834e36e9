import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs release', () => {
  const home = useHome();

  it('lets a held job start, which did not start before', async () => {
    const mark = join(home.path, 'ran');
    const text = await home.bgjobs(['run', '--hold', '--', 'touch', mark]);
    assert.match(text.stdout, /held.*\nNext: bgjobs release/);
    const id = text.stdout.slice(0, 8);
    // What was asked for later has run to its end: the held one would have had its turn.
    await home.ended((await home.run(['--', 'true'])).id);
    assert.equal((await home.json<Job>(['status', id])).status, 'held');
    assert.ok(!existsSync(mark));

    await home.json(['release', id]);
    assert.equal((await home.ended(id)).status, 'completed');
    assert.ok(existsSync(mark));
  });

  it('refuses what is not held', async () => {
    const job = await home.ended((await home.run(['--', 'true'])).id);
    const { code } = await home.error(4, ['release', job.id]);
    assert.ok(['invalid_state', 'job_already_ended'].includes(code), code);
    assert.equal((await home.error(3, ['release', 'ffffffff-0000'])).code, 'job_not_found');
  });
});
