import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

const limit = 65_536;

describe('bgjobs run --max-log --when-full', () => {
  const home = useHome();
  const job = (id: string): Promise<Job> => home.json(['status', id]);
  const run = (whenFull: string, script: string): Promise<Job> =>
    home.run(['--max-log', '64K', '--when-full', whenFull, '--grace', '100ms', '--', 'sh', '-c', script]);
  const output = async (id: string): Promise<string> => (await home.bgjobs(['output', id])).stdout;

  it('ends a job whose log is full, and says so', async () => {
    const { id } = await run('end', 'i=0; while :; do i=$((i+1)); echo "line $i of a log that is too long"; done');
    const ended = await home.ended(id);
    assert.deepEqual([ended.status, ended.reason], ['timed_out', 'log_full']);
    assert.match(ended.reasonText ?? '', /^stdout has reached 0\.06 MiB$/);
    assert.equal(ended.options.whenFull, 'end');
    const { stdout } = await home.bgjobs(['status', id]);
    assert.match(stdout, /stopped because its log was full/);
  });

  it('leaves a job alone whose log stays below the limit', async () => {
    const { id } = await run('end', 'yes | head -c 60000');
    assert.equal((await home.ended(id)).status, 'completed');
  });

  it('pauses a job, drops nothing before it is resumed, and pauses it again after as much', async () => {
    // Lines of 64 bytes in pieces, so that the job is paused before it has written everything.
    const { id } = await run('pause', 'for i in 1 2 3 4 5 6; do seq -f "%063.0f" ${i}0001 ${i}0500; sleep 0.5; done');
    const first = await home.reaches(id, 'paused');
    assert.deepEqual([first.reason, first.reasonText], ['log_full', 'stdout has reached 0.06 MiB']);
    assert.equal(first.runs[0]?.droppedBytes, 0);
    const text = await output(id);
    assert.ok(text.length >= limit && text.startsWith('0'.repeat(58) + '10001'), text.slice(0, 64));
    await home.json(['resume', id]);
    assert.equal((await job(id)).reason, null);
    const second = await home.reaches(id, 'paused');
    assert.equal(second.reason, 'log_full');
    assert.ok(second.runs[0]!.stdoutBytes >= text.length + limit);
    await home.json(['resume', id]);
    const ended = await home.ended(id);
    assert.equal(ended.status, 'completed');
    assert.equal(ended.runs[0]?.stdoutBytes, 6 * 500 * 64);
    assert.ok(ended.runs[0].droppedBytes > 0);
    assert.match(await output(id), /60500\n$/);
  });

  it('stops a flood in time when it is to be paused or ended', async () => {
    for (const [whenFull, status] of [
      ['pause', 'paused'],
      ['end', 'timed_out'],
    ] as const) {
      const { id } = await run(whenFull, 'exec yes');
      const found = await home.reaches(id, status);
      const { stdout } = found.runs[0]!.logs;
      const size = await until('it no longer grows', () => {
        const before = statSync(stdout).size;
        return new Promise<number | undefined>((resolve) =>
          setTimeout(() => resolve(statSync(stdout).size === before ? before : undefined), 100),
        );
      });
      assert.ok(size > limit);
      await home.json(['kill', id]);
    }
  });

  it('refuses another word', async () => {
    const { message } = await home.error(2, ['run', '--when-full', 'explode', '--', 'true']);
    assert.match(message, /drop, pause, end/);
  });
});
