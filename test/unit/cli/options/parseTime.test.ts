import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTime } from '../../../../src/cli/options/parseTime.ts';

describe('times to start at', () => {
  const local = (...parts: [number, number, number, number?, number?, number?]): string =>
    new Date(parts[0], parts[1] - 1, ...parts.slice(2)).toISOString();
  const noon = Date.parse(local(2026, 11, 20, 12));

  for (const [text, time] of [
    ['2026-11-20T17:30:00Z', '2026-11-20T17:30:00.000Z'],
    ['2026-11-20T17:30:00+01:00', '2026-11-20T16:30:00.000Z'],
    ['2026-11-20 17:30-08:00', '2026-11-21T01:30:00.000Z'],
    ['2026-11-20 17:30', local(2026, 11, 20, 17, 30)],
    ['2026-11-20T17:30:15', local(2026, 11, 20, 17, 30, 15)],
    ['2028-02-29 00:00', local(2028, 2, 29)],
    ['17:30', local(2026, 11, 20, 17, 30)],
    ['11:59:59', local(2026, 11, 21, 11, 59, 59)],
    ['12:00', local(2026, 11, 21, 12)],
    ['7:05', local(2026, 11, 21, 7, 5)],
    ['10m', local(2026, 11, 20, 12, 10)],
    ['1h30m', local(2026, 11, 20, 13, 30)],
    ['90', local(2026, 11, 20, 12, 1, 30)],
  ] as const) {
    it(`reads ${text}`, () => assert.equal(parseTime(text, noon), time));
  }

  it('goes to the next month where the day ends one', () => {
    const eve = Date.parse(local(2026, 12, 31, 23, 30));
    assert.equal(parseTime('00:15', eve), local(2027, 1, 1, 0, 15));
  });

  for (const text of [
    ...['', 'noon', '25:00', '12:60', '17:30Z', '2026-02-30 10:00', '2026-13-01 10:00', '2026-02-30T10:00:00Z'],
    ...['2026-11-20', '20.11.2026 17:30', '-5m', '999999999d999999999d', '3000000d', '2026-11-20T17:30:00+1'],
  ]) {
    it(`refuses "${text}"`, () => assert.throws(() => parseTime(text, noon), /2026-11-20 17:30.*10m/));
  }

  it('never makes anything but a time, whatever is typed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9T:+Z -]{1,30}$/)), (text) => {
        let time: string;
        try {
          time = parseTime(text, noon);
        } catch {
          return;
        }
        assert.equal(new Date(time).toISOString(), time);
      }),
    );
  });
});
