import assert from 'node:assert/strict';
import type { StartRequest } from '../../../../src/api/options.ts';
import { runFake, type FakeResult } from '../fakeContext.ts';

/** What a start asks for, or the refusal. */
async function requested(...options: string[]): Promise<StartRequest | FakeResult> {
  let request: StartRequest | undefined;
  const result = await runFake(['run', ...options, '--', 'true'], {
    startJob: (asked) => {
      request = asked;
      return Promise.reject(new Error('far enough'));
    },
  });
  return request ?? result;
}

describe('options of bgjobs run about when and how often', () => {
  for (const [options, expected] of [
    [
      ['--after', '1a2b', '--after', '3c4d:ready', '--if-dependency-fails', 'wait'],
      {
        dependsOn: [
          { job: '1a2b', condition: 'succeeded' },
          { job: '3c4d', condition: 'ready' },
        ],
        ifDependencyFails: 'wait',
      },
    ],
    [['--retry', '4'], { retry: { maxAttempts: 5 } }],
    [
      [
        '--retry',
        '1',
        '--retry-delay',
        '10s',
        '--retry-backoff',
        '1.5',
        '--retry-max-delay',
        '1m',
        '--retry-on',
        '1,75',
      ],
      { retry: { maxAttempts: 2, delayMs: 10_000, backoffFactor: 1.5, maxDelayMs: 60_000, exitCodes: [1, 75] } },
    ],
    [
      ['--restart', 'on-failure', '--max-restarts', '3/10m', '--retry-delay', '0'],
      { restart: { policy: 'on-failure', maxRestarts: 3, windowMs: 600_000, delayMs: 0 } },
    ],
    [['--retry', '1', '--retry-delay', '10m'], { retry: { delayMs: 600_000, maxDelayMs: 600_000 } }],
    [
      ['--at', '2026-11-20T17:30:00+01:00', '--if-missed', 'skip'],
      { at: '2026-11-20T16:30:00.000Z', ifMissed: 'skip' },
    ],
    [
      ['--cron', '30 4 * * 1-5', '--time-zone', 'Europe/Berlin', '--if-overlap', 'queue'],
      { cron: '30 4 * * 1-5', timeZone: 'Europe/Berlin', ifOverlap: 'queue' },
    ],
    [['--mutex', 'database', '--unless-running'], { mutex: 'database', unlessRunning: true }],
  ] as const) {
    it(options.join(' '), async () => assert.partialDeepStrictEqual(await requested(...options), expected));
  }

  for (const [options, why] of [
    [['--after', '1a2b:done'], /succeeded, finished, started, ready/],
    [['--after', ''], /ID:CONDITION/],
    [['--if-dependency-fails', 'wait'], /requires --after/],
    [['--retry', 'often'], /whole number/],
    [['--retry-on', '1'], /requires --retry/],
    [['--retry', '1', '--retry-on', 'x'], /whole number/],
    [['--retry-delay', '5s'], /--retry or --restart/],
    [['--retry', '1', '--retry-backoff', '0.5'], /at least 1/],
    [['--restart', 'maybe'], /never, on-failure, always/],
    [['--restart', 'always', '--max-restarts', '5'], /5\/60s/],
    [['--max-restarts', '5/60s'], /requires --restart/],
    [['--at', 'soon'], /17:30/],
    [['--time-zone', 'UTC'], /requires --cron/],
    [['--if-overlap', 'skip'], /requires --cron/],
    [['--if-missed', 'skip'], /--at or --cron/],
    [['--cron', '* * * * *', '--wait'], /does not end/],
    [['--retry', '1', '--wait', '--stdin', 'pipe'], /read only once/],
  ] as const) {
    it(`refuses ${options.join(' ')}`, async () => {
      const result = await requested(...options);
      assert.ok('code' in result, 'nothing was asked for');
      assert.equal(result.code, 2);
      assert.match(result.stderr, why);
    });
  }

  it('refuses to wait for a schedule of a coding agent, too', async () => {
    const { code, stderr } = await runFake(['agent', 'claude', '--cron', '* * * * *', '--wait', '--', 'tidy up']);
    assert.equal(code, 2);
    assert.match(stderr, /does not end/);
  });
});
