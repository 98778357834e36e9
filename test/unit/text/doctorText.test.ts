import assert from 'node:assert/strict';
import type { LeftProcess } from '../../../src/api/inspection.ts';
import { originPhrase, reportText } from '../../../src/text/doctorText.ts';

const left: LeftProcess = {
  pid: 9_000_501,
  command: 'sleep 60',
  memory: 1536,
  startedAt: '2026-01-01T00:00:00.000Z',
  runId: '3f2a9c1b-0000-4000-8000-000000000000.2',
  jobId: '3f2a9c1b-0000-4000-8000-000000000000',
  jobStatus: 'timed_out',
  belongsTo: 'ended_run',
  home: '/home/me/jobs',
  isOfThisStore: true,
  keptBecause: null,
  outcome: 'kept',
};

describe('originPhrase', () => {
  it('names the run, the job with its state or why that is unknown, and another store', () => {
    assert.equal(originPhrase(left), 'run 2 of 3f2a9c1b, now timed out');
    assert.equal(
      originPhrase({ ...left, jobStatus: null, belongsTo: 'lost_store', isOfThisStore: false }),
      'run 2 of 3f2a9c1b, store was removed, in /home/me/jobs',
    );
    assert.equal(
      originPhrase({ ...left, jobStatus: null, belongsTo: 'unknown_store', home: null }),
      'run 2 of 3f2a9c1b, unknown store',
    );
  });
});

describe('reportText', () => {
  it('has a line for each check, its advice below, and the processes', () => {
    const checks = [
      { id: 'node', status: 'ok', summary: 'Node 24', advice: null },
      { id: 'clock', status: 'warning', summary: 'late\x1b[2J', advice: 'Set it.' },
    ] as const;
    const kept = { ...left, keptBecause: 'it is busy', startedAt: null };
    assert.equal(
      reportText({ checks: [...checks], processes: [left, kept] }, Date.parse('2026-01-01T00:00:05.000Z')),
      [
        'ok       Node 24',
        'warning  late\\x1b[2J',
        '         Set it.',
        '         9000501  1.5 KiB  5s  -  run 2 of 3f2a9c1b, now timed out  sleep 60',
        '         9000501  1.5 KiB  -  kept: it is busy  run 2 of 3f2a9c1b, now timed out  sleep 60',
        '',
      ].join('\n'),
    );
  });
});
