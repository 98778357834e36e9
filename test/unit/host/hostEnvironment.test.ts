import assert from 'node:assert/strict';
import { readHostEnvironment } from '../../../src/host/hostEnvironment.ts';

describe('what the environment says to a host', () => {
  it('is nothing by default', () => {
    const { settings, logLevel, idleExitMs } = readHostEnvironment({ BGJOBS_HOME: '/h' });
    assert.deepEqual({ settings, logLevel, idleExitMs }, { settings: {}, logLevel: 'info', idleExitMs: 600_000 });
  });

  it('is read from its variables; empty ones count as missing', () => {
    const env = {
      BGJOBS_HOME: '/h',
      BGJOBS_MAX_CONCURRENT_JOBS: '0',
      BGJOBS_JOB_TIMEOUT_MS: '60000',
      BGJOBS_MIN_FREE_MEMORY_BYTES: '8589934592',
      BGJOBS_MIN_FREE_DISK_BYTES: '1024',
      BGJOBS_MAX_LOAD: '6',
      BGJOBS_CLEANUP_INTERVAL_MS: '',
      BGJOBS_IDLE_EXIT_MS: '0',
      LOG_LEVEL: 'debug',
    };
    assert.deepEqual(readHostEnvironment(env), {
      home: '/h',
      settings: {
        maxConcurrentJobs: 0,
        jobTimeoutMs: 60_000,
        minFreeMemoryBytes: 8 * 1024 ** 3,
        minFreeDiskBytes: 1024,
        maxLoadAverage: 6,
      },
      logLevel: 'debug',
      idleExitMs: 0,
    });
  });

  it('is refused by name when it makes no sense', () => {
    const bad = {
      BGJOBS_MAX_CONCURRENT_JOBS: ['many', '-1', '1.5', '10001', '0x10', ' 3'],
      BGJOBS_JOB_TIMEOUT_MS: ['1m', '3000000000'],
      BGJOBS_CLEANUP_INTERVAL_MS: ['999'],
      BGJOBS_IDLE_EXIT_MS: ['never', '3000000000'],
    };
    for (const [name, values] of Object.entries(bad)) {
      for (const value of values) {
        assert.throws(() => readHostEnvironment({ [name]: value }), new RegExp(`${name} is "${value}"`), value);
      }
    }
  });
});
