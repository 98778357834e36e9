import assert from 'node:assert/strict';
import { BgJobsError } from '../../../../src/api/errors.ts';
import { parseQuery, readSortCursor, sortCursorText } from '../../../../src/engine/queries/jobQuery.ts';

const now = Date.parse('2026-11-20T12:00:00Z');

describe('a query for jobs', () => {
  it('has fields, signs and words', () => {
    assert.deepEqual(parseQuery('status=failed,lost session=api tag=team=web tag=x since=1h release "b c"', now), {
      filter: {
        statuses: ['failed', 'lost'],
        session: 'api',
        tags: [{ key: 'team', value: 'web' }, { key: 'x' }],
        createdFrom: now - 3_600_000,
        text: 'release b c',
      },
      sort: undefined,
    });
    assert.deepEqual(parseQuery('@failed @session:"my app" sort=-duration name~We command~"a b" exit=3', now), {
      filter: {
        statuses: ['failed', 'timed_out', 'lost'],
        session: 'my app',
        contains: [
          { field: 'name', text: 'We' },
          { field: 'command', text: 'a b' },
        ],
        exitCode: 3,
      },
      sort: { by: 'duration', descending: true },
    });
    assert.deepEqual(parseQuery('"a=b" @nothing', now).filter, { text: 'a=b @nothing' });
    assert.equal(parseQuery('before=2026-11-19T00:00:00Z', now).filter.createdBefore, now - 36 * 3_600_000);
  });

  it('says what is wrong with it', () => {
    const mistakes = {
      'sesion=api': /^q: Unknown field "sesion"\. Use status, session, tag, name, /,
      'constructor=1': /Unknown field "constructor"/,
      'status=': /^q: status: give a value\.$/,
      'status~fail': /^q: status is compared with =\.$/,
      'command=x': /^q: command is compared with ~\.$/,
      'sort=size': /^q: sort=size: use one of created, started, /,
      'since=yesterday': /^q: since=yesterday: use a duration such as 1h/,
      'exit=-1': /^q: exit=-1: an exit code is a whole number\.$/,
      'status=done': /^Unknown status "done"/,
    };
    for (const [query, message] of Object.entries(mistakes)) {
      const isTold = (error: unknown): boolean =>
        error instanceof BgJobsError && error.code === 'invalid_request' && message.test(error.message);
      assert.throws(() => parseQuery(query, now), isTold, query);
    }
  });

  it('goes on from a place in a sorted list, and from nothing else', () => {
    const place = { key: 'ä"', row: 7, now };
    assert.deepEqual(readSortCursor(sortCursorText(place)), place);
    for (const text of ['', '12', 'W10', sortCursorText(place).slice(0, -3)]) {
      assert.equal(readSortCursor(text), undefined, text);
    }
  });
});
