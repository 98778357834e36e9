import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { jobStatuses } from '../../../../src/api/values.ts';
import { parseQuery } from '../../../../src/engine/queries/jobQuery.ts';
import { tagOf } from '../../../../src/extension/model/filter.ts';
import { listOf, stateLists, tagLists, untagged } from '../../../../src/extension/model/grouping.ts';
import { jobRecord } from '../jobs.ts';

describe('The lists of jobs of all sessions', () => {
  it('by state have each job once, in the list whose filter finds it', () => {
    for (const status of jobStatuses) {
      const lists = stateLists.filter((query) => parseQuery(query, 0).filter.statuses?.includes(status));
      assert.deepEqual(lists, [listOf(jobRecord(status), 'state')], status);
    }
  });

  it('by tag are those of the tags there are, with a list for jobs without any', () => {
    const [both, one, none] = [
      jobRecord('running', { tags: { team: 'web shop', branch: 'main' } }),
      jobRecord('running', { tags: { branch: 'main' } }),
      jobRecord('running'),
    ];
    const lists = tagLists([both, one, none]);
    assert.deepEqual(lists.map(tagOf), ['branch=main', 'team=web shop']);
    const asked = lists.map((query) => parseQuery(query, 0).filter.tags);
    assert.deepEqual(asked, [[{ key: 'branch', value: 'main' }], [{ key: 'team', value: 'web shop' }]]);
    assert.equal(listOf(both, 'tag'), lists[0]);
    assert.equal(listOf(none, 'tag'), untagged);
    assert.equal(listOf(none, 'session'), undefined);
  });
});
