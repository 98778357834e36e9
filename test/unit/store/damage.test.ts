import assert from 'node:assert/strict';
import { endAs, StoreFixture, supervisor } from '../../helpers/engine/storeFixture.ts';

describe('a damaged record', () => {
  for (const [what, text] of Object.entries({
    'that is no JSON': '{"cwd": "/"',
    'that is empty': '',
    'that is null': 'null',
    'that has no folder': '{"argv":["true"]}',
  })) {
    it(`${what} is set aside and costs no other`, () => {
      using test = new StoreFixture();
      const [first, damaged, last] = [test.create(), test.create({ tags: { a: 'b' } }), test.create()];
      test.database.prepare('UPDATE jobs SET spec = ? WHERE row = ?').run(text, damaged.row);
      const found = test.store.read(test.store.jobs.list({}, 10));
      assert.deepEqual(
        found.map(({ id }) => id),
        [last.id, first.id],
      );
      const aside = test.database.prepare('SELECT * FROM damaged').all();
      assert.equal(aside.length, 1);
      assert.equal(aside[0]?.['id'], damaged.id);
      assert.equal((JSON.parse(String(aside[0]?.['record'])) as { spec: string }).spec, text);
      assert.ok(test.warnings.length === 1 && test.warnings[0]?.includes(damaged.id));
      assert.deepEqual(test.events().at(-1)?.type, 'removed');
      test.store.read(test.store.jobs.list({}, 10));
      assert.equal(test.warnings.length, 1, 'it is told once');
    });
  }

  it('does not break a search by tag', () => {
    using test = new StoreFixture();
    const [tagged, damaged] = [test.create({ tags: { color: 'red' } }), test.create({ tags: { color: 'red' } })];
    test.database.prepare("UPDATE jobs SET spec = '{' WHERE row = ?").run(damaged.row);
    const filter = { tag: { key: 'color', value: 'red' } };
    assert.deepEqual(
      test.store.read(test.store.jobs.list(filter, 10)).map(({ id }) => id),
      [tagged.id],
    );
    assert.equal(test.store.jobs.count(filter), 1);
  });

  it('of a detail affects only that detail', () => {
    using test = new StoreFixture();
    const job = test.create();
    const run = test.store.beginRun(job);
    test.store.runStarted(job, run, supervisor);
    test.store.endRun(job, run, endAs('completed'));
    test.database.prepare("UPDATE runs SET supervisor = '{', stop = '?', leftovers = '[' WHERE row = ?").run(run.row);
    const [found] = test.store.runs.ofJob(job.row);
    assert.deepEqual([found?.supervisor, found?.stop, found?.leftovers], [null, null, []]);
    assert.deepEqual([found?.status, found?.exitCode], ['completed', 0]);
    assert.deepEqual(test.warnings, []);
  });
});
