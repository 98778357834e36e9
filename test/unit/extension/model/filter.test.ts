import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { filterWord, hasWord, parseFilter, toggled } from '../../../../src/extension/model/filter.ts';

describe('The filter of the view', () => {
  it('is what the job host understands, with the session of the window', () => {
    assert.equal(parseFilter('  ', 'shop'), undefined);
    assert.equal(parseFilter('@failed  @window build', 'my shop'), '@failed @session:"my shop" build');
    assert.equal(parseFilter('name~web since=1h', 'shop'), 'name~web since=1h');
  });

  it('gets a word and loses it again', () => {
    const name = filterWord('session', 'my "app"');
    assert.equal(name, '@session:"my app"');
    assert.equal(filterWord('tag', 'a=b'), '@tag:a=b');
    const query = toggled(toggled('build', '@failed'), name);
    assert.equal(query, 'build @failed @session:"my app"');
    assert.deepEqual([hasWord(query, name), hasWord(query, '@window')], [true, false]);
    assert.equal(toggled(toggled(query, name), '@failed'), 'build');
  });
});
