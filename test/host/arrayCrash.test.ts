import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isEnded } from '../../src/api/values.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { until } from '../helpers/until.ts';

describe('the job host killed with SIGKILL in the middle of an array', () => {
  const home = useHostHome();
  const count = 120;

  it('ends each task exactly once, keeps the limit, and the array tells the truth', async () => {
    const client = await home.connect();
    const script = `mkdir on.{} && ls -d on.* | wc -l >>most; echo {} >>begun; sleep 0.03; rmdir on.{}; exit $(({} % 4 == 0))`;
    const { job: array } = await client.startJob({
      argv: ['sh', '-c', script],
      cwd: home.path,
      array: { tasks: `1-${count}%6` },
    });
    const ended = async (): Promise<number> => (await client.getJob(array.id)).array?.ended ?? 0;
    for (const reached of [20, 50, 80]) {
      await until(`${reached} tasks have ended`, async () => ((await ended()) >= reached ? true : undefined));
      await home.killHost();
      assertTrue(home.path);
    }
    const { job } = await client.waitForJob(array.id);
    assert.deepEqual([job.status, job.array?.byStatus], ['failed', { completed: (count * 3) / 4, failed: count / 4 }]);

    const lines = (name: string): number[] =>
      readFileSync(join(home.path, name), 'utf8').trim().split('\n').map(Number);
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    assert.deepEqual(
      lines('begun').sort((a, b) => a - b),
      numbers,
    );
    assert.ok(Math.max(...lines('most')) <= 6);
    using database = new DatabaseSync(join(home.path, 'jobs.db'), { readOnly: true });
    const rows = (query: string) => database.prepare(query).all();
    assert.deepEqual(rows('SELECT job FROM runs GROUP BY job HAVING count(*) <> 1'), []);
    const ends = `SELECT jobId FROM events WHERE toStatus IN ('completed', 'failed') AND jobId <> '${array.id}'`;
    assert.equal(rows(ends).length, count);
    assert.equal(new Set(rows(ends).map(({ jobId }) => jobId)).size, count);
  });
});

/** What a dead host has left: the status of an array follows from those of its tasks. */
function assertTrue(home: string): void {
  using database = new DatabaseSync(join(home, 'jobs.db'));
  const array = database.prepare('SELECT row, status FROM jobs WHERE array IS NULL').get();
  const tasks = database.prepare('SELECT status FROM jobs WHERE array = ?').all(Number(array?.['row']));
  const statuses = tasks.map(({ status }) => String(status)) as Parameters<typeof isEnded>[0][];
  assert.equal(array?.['status'], statuses.every(isEnded) ? 'failed' : 'running');
}
