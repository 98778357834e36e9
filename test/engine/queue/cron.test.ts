import assert from 'node:assert/strict';
import { checkCron, isMissed, nextTime } from '../../../src/engine/queue/cron.ts';
import { failure } from '../../helpers/engine/engineFixture.ts';

const at = (time: string): number => Date.parse(time);

/** The first times behind `after`, in UTC. */
function times(count: number, cron: string, timeZone: string | undefined, after: string): string[] {
  const found: string[] = [];
  for (let time: number | null = at(after); found.length < count;) {
    time = nextTime(cron, timeZone, time);
    if (time === null) break;
    found.push(new Date(time).toISOString().replace('.000Z', 'Z'));
  }
  return found;
}

describe('the times of a schedule', () => {
  it('are behind the moment at which one asks, never at it', () => {
    assert.deepEqual(times(2, '* * * * *', 'UTC', '2026-11-20T12:00:00Z'), [
      '2026-11-20T12:01:00Z',
      '2026-11-20T12:02:00Z',
    ]);
    assert.deepEqual(times(1, '* * * * *', 'UTC', '2026-11-20T12:00:59.999Z'), ['2026-11-20T12:01:00Z']);
    assert.deepEqual(times(2, '*/2 * * * * *', 'UTC', '2026-11-20T12:00:59Z'), [
      '2026-11-20T12:01:00Z',
      '2026-11-20T12:01:02Z',
    ]);
  });

  it('go over the end of a year', () => {
    assert.deepEqual(times(2, '59 23 31 12 *', 'UTC', '2026-12-31T23:59:00Z'), [
      '2027-12-31T23:59:00Z',
      '2028-12-31T23:59:00Z',
    ]);
    assert.deepEqual(times(1, '0 0 1 1 *', 'America/New_York', '2026-12-31T23:00:00Z'), ['2027-01-01T05:00:00Z']);
  });

  it('come on the 29th of February in leap years alone, also after 2096', () => {
    assert.deepEqual(times(2, '0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z'), [
      '2028-02-29T00:00:00Z',
      '2032-02-29T00:00:00Z',
    ]);
    assert.deepEqual(times(1, '0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z'), ['2104-02-29T00:00:00Z']);
    assert.deepEqual(times(2, '0 0 31 * *', 'UTC', '2027-01-31T00:00:00Z'), [
      '2027-03-31T00:00:00Z',
      '2027-05-31T00:00:00Z',
    ]);
  });

  it('take weekdays by number and by name, Sunday as 0 and 7', () => {
    for (const days of ['1-5', 'MON-FRI']) {
      const friday = '2026-11-20T04:30:00Z';
      assert.deepEqual(times(2, `30 4 * * ${days}`, 'UTC', friday), ['2026-11-23T04:30:00Z', '2026-11-24T04:30:00Z']);
    }
    for (const day of ['0', '7', 'SUN'])
      assert.deepEqual(times(1, `0 0 * * ${day}`, 'UTC', '2026-11-20T00:00:00Z'), ['2026-11-22T00:00:00Z']);
  });
});

/** Where and when the clock on the wall is put forward and back. */
describe('the times of a schedule when summer time', () => {
  describe('begins', () => {
    it('move with the clock on the wall', () => {
      const daily = (zone: string, after: string): string[] => times(2, '0 12 * * *', zone, after);
      assert.deepEqual(daily('Europe/Berlin', '2027-03-27T00:00:00Z'), [
        '2027-03-27T11:00:00Z',
        '2027-03-28T10:00:00Z',
      ]);
      assert.deepEqual(daily('America/New_York', '2027-03-13T06:00:00Z'), [
        '2027-03-13T17:00:00Z',
        '2027-03-14T16:00:00Z',
      ]);
      assert.deepEqual(daily('Australia/Lord_Howe', '2026-10-02T15:00:00Z'), [
        '2026-10-03T01:30:00Z',
        '2026-10-04T01:00:00Z',
      ]);
    });

    it('come once, when the clock has been put forward, where it leaves them out', () => {
      // Berlin: 02:00 is 03:00, at 01:00 UTC.
      assert.deepEqual(times(3, '30 2 * * *', 'Europe/Berlin', '2027-03-27T00:00:00Z'), [
        '2027-03-27T01:30:00Z',
        '2027-03-28T01:00:00Z',
        '2027-03-29T00:30:00Z',
      ]);
      // New York: 02:00 is 03:00, at 07:00 UTC.
      assert.deepEqual(times(3, '30 2 * * *', 'America/New_York', '2027-03-13T06:00:00Z'), [
        '2027-03-13T07:30:00Z',
        '2027-03-14T07:00:00Z',
        '2027-03-15T06:30:00Z',
      ]);
      // Lord Howe: 02:00 is 02:30, at 15:30 UTC the day before.
      assert.deepEqual(times(3, '15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T14:00:00Z'), [
        '2026-10-02T15:45:00Z',
        '2026-10-03T15:30:00Z',
        '2026-10-04T15:15:00Z',
      ]);
    });

    it('go on at their pace when they come every so many minutes', () => {
      assert.deepEqual(times(4, '*/30 * * * *', 'Europe/Berlin', '2027-03-28T00:20:00Z'), [
        '2027-03-28T00:30:00Z',
        '2027-03-28T01:00:00Z',
        '2027-03-28T01:30:00Z',
        '2027-03-28T02:00:00Z',
      ]);
    });
  });

  describe('ends', () => {
    it('move with the clock on the wall', () => {
      const daily = (zone: string, after: string): string[] => times(2, '0 12 * * *', zone, after);
      assert.deepEqual(daily('Europe/Berlin', '2026-10-24T00:00:00Z'), [
        '2026-10-24T10:00:00Z',
        '2026-10-25T11:00:00Z',
      ]);
      assert.deepEqual(daily('America/New_York', '2026-10-31T06:00:00Z'), [
        '2026-10-31T16:00:00Z',
        '2026-11-01T17:00:00Z',
      ]);
      assert.deepEqual(daily('Australia/Lord_Howe', '2027-04-02T14:00:00Z'), [
        '2027-04-03T01:00:00Z',
        '2027-04-04T01:30:00Z',
      ]);
    });

    it('come the first time alone where the clock shows them twice', () => {
      // Berlin: 03:00 is 02:00 again, at 01:00 UTC.
      assert.deepEqual(times(3, '30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00:00Z'), [
        '2026-10-24T00:30:00Z',
        '2026-10-25T00:30:00Z',
        '2026-10-26T01:30:00Z',
      ]);
      // New York: 02:00 is 01:00 again, at 06:00 UTC.
      assert.deepEqual(times(3, '30 1 * * *', 'America/New_York', '2026-10-31T05:00:00Z'), [
        '2026-10-31T05:30:00Z',
        '2026-11-01T05:30:00Z',
        '2026-11-02T06:30:00Z',
      ]);
      // Lord Howe: 02:00 is 01:30 again, at 15:00 UTC the day before.
      assert.deepEqual(times(3, '45 1 * * *', 'Australia/Lord_Howe', '2027-04-02T14:00:00Z'), [
        '2027-04-02T14:45:00Z',
        '2027-04-03T14:45:00Z',
        '2027-04-04T15:15:00Z',
      ]);
    });

    it('go on at their pace when they come every so many minutes', () => {
      assert.deepEqual(times(6, '*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z'), [
        '2026-10-25T00:30:00Z',
        '2026-10-25T01:00:00Z',
        '2026-10-25T01:30:00Z',
        '2026-10-25T02:00:00Z',
        '2026-10-25T02:30:00Z',
        '2026-10-25T03:00:00Z',
      ]);
    });
  });

  it('begins and ends: each comes once a day, all year, and is never before the last', () => {
    const year = 366;
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC']) {
      for (const cron of ['30 1 * * *', '15 2 * * *', '30 2 * * *', '0 3 * * *']) {
        const found = times(year, cron, zone, '2026-01-01T12:00:00Z').map(at);
        const days = found.map((time) => new Intl.DateTimeFormat('sv', { timeZone: zone }).format(time));
        assert.equal(new Set(days).size, year, `${cron} ${zone}`);
        const gaps = found.slice(1).map((time, index) => time - (found[index] ?? 0));
        assert.ok(
          gaps.every((gap) => gap >= 22 * 3_600_000 && gap <= 26 * 3_600_000),
          `${cron} ${zone}`,
        );
      }
    }
  });
});

describe('a schedule', () => {
  const check = (cron: string, zone?: string) => () => checkCron(cron, zone, at('2026-11-20T12:00:00Z'));

  it('is refused with what is wrong with it', () => {
    for (const cron of [
      '',
      '* * * *',
      '60 * * * *',
      '* * * * * * * *',
      'whenever',
      '* * * * 8',
      '2027-01-01T00:00:00',
      '@often',
    ]) {
      assert.throws(check(cron), failure('invalid_request', /is not a schedule/), cron);
    }
    assert.throws(check('0 0 30 2 *'), failure('invalid_request', /matches no date/));
    assert.throws(
      check('* * * * *', 'Mars/Olympus'),
      failure('invalid_request', /timeZone: "Mars\/Olympus" is unknown/),
    );
  });

  it('may have five or six fields', () => {
    for (const cron of ['30 4 * * 1-5', '*/2 * * * * *', '@hourly']) assert.doesNotThrow(check(cron, 'Europe/Berlin'));
  });

  it('has missed its time when it is more than a minute late', () => {
    assert.deepEqual([isMissed(1000, 61_000), isMissed(1000, 61_001), isMissed(1000, 0)], [false, true, false]);
  });
});
