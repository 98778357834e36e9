import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  collectEnvironment,
  collectTag,
  parseCount,
  parseDuration,
  parseSize,
  parseTime,
} from '../../../../src/cli/options/parse.ts';

describe('durations', () => {
  for (const [text, ms] of [
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['2d', 172_800_000],
    ['1.5s', 1500],
    ['1m500ms', 60_500],
    ['90', 90_000],
    ['0', 0],
    ['0.25', 250],
  ] as const) {
    it(`reads ${text} as ${ms} ms`, () => assert.equal(parseDuration(text), ms));
  }

  for (const text of ['', 's', '5 m', '-3s', '1h30', '5x', '5M', 'ten', '1..5s', 'NaN', 'Infinity', '30s ']) {
    it(`refuses "${text}"`, () => assert.throws(() => parseDuration(text), /30s, 5m/));
  }

  it('always returns a whole number of at least 0 or refuses, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let ms: number;
        try {
          ms = parseDuration(text);
        } catch {
          return;
        }
        assert.ok(Number.isInteger(ms) && ms >= 0);
      }),
    );
  });
});

describe('sizes', () => {
  for (const [text, bytes] of [
    ['65536', 65_536],
    ['64K', 65_536],
    ['256M', 268_435_456],
    ['1G', 1_073_741_824],
    ['1.5g', 1_610_612_736],
    ['64KiB', 65_536],
    ['64kB', 65_536],
    ['2T', 2_199_023_255_552],
  ] as const) {
    it(`reads ${text} as ${bytes} bytes`, () => assert.equal(parseSize(text), bytes));
  }

  for (const text of ['', 'M', '-1', '1 G', '1X', '1.M', '0x10']) {
    it(`refuses "${text}"`, () => assert.throws(() => parseSize(text), /64K, 256M/));
  }
});

describe('counts', () => {
  it('reads whole numbers', () => assert.equal(parseCount('17'), 17));
  for (const text of ['', '-1', '1.5', '1e3', ' 1', '99999999999999999999']) {
    it(`refuses "${text}"`, () => assert.throws(() => parseCount(text), /whole number/));
  }
});

describe('--env', () => {
  it('collects variables to set and to remove, and the last one wins', () => {
    const collected = ['A=1', 'B=x=y', 'C=', 'D-', 'A=2', 'E-F=3'].reduce<Record<string, string | null>>(
      (before, text) => collectEnvironment(text, before),
      {},
    );
    assert.deepEqual(collected, { A: '2', B: 'x=y', C: '', D: null, 'E-F': '3' });
  });
  for (const text of ['A', '=1', '-', '']) {
    it(`refuses "${text}"`, () => assert.throws(() => collectEnvironment(text), /NAME=VALUE/));
  }
});

describe('--tag', () => {
  it('collects pairs', () => assert.deepEqual(collectTag('b=2=3', { a: '1' }), { a: '1', b: '2=3' }));
  for (const text of ['a', '=1', '']) {
    it(`refuses "${text}"`, () => assert.throws(() => collectTag(text), /KEY=VALUE/));
  }
});

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

  it('always returns a time or refuses, whatever is typed', () => {
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
