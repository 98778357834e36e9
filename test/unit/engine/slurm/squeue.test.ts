import assert from 'node:assert/strict';
import { parseNamed, parseSqueue, timeOf } from '../../../../src/engine/slurm/squeue.ts';

describe('the answers of squeue', () => {
  it('are read by job and by task', () => {
    const jobs = parseSqueue(
      [
        '7|N/A|7|RUNNING|None|n1|2026-11-30T11:34:23|2026-11-30T11:34:26|main',
        '8|3|12|PENDING|JobArrayTaskLimit|n/a|2026-11-30T11:34:24|N/A|main',
      ].join('\n'),
    );
    assert.deepEqual([...jobs.keys()], ['7', '8_3']);
    assert.deepEqual(jobs.get('7'), {
      ...{ key: '7', id: '7', state: 'RUNNING', reason: 'None', node: 'n1', partition: 'main' },
      ...{ submitted: '2026-11-30T11:34:23', start: '2026-11-30T11:34:26' },
    });
    const { node, start } = jobs.get('8_3')!;
    assert.deepEqual([node, start], [null, null]);
  });

  it('hold nothing but whole lines', () => {
    const wrong = ['', 'slurm_load_jobs error: x', '7|N/A|7|RUNNING', 'a|N/A|7|RUNNING|None|n1|t|t|main'];
    assert.equal(parseSqueue(wrong.join('\n')).size, 0);
  });

  it('tell when jobs of a name were submitted', () => {
    const times = parseNamed('7|N/A|2026-11-30T11:34:23\n8|3|2026-11-30T11:34:24\n');
    assert.deepEqual(
      [...times],
      [
        ['7', '2026-11-30T11:34:23'],
        ['8_3', '2026-11-30T11:34:24'],
      ],
    );
  });

  it('have times in UTC', () => {
    assert.equal(timeOf('2026-11-30T11:34:23'), '2026-11-30T11:34:23.000Z');
    assert.deepEqual([timeOf(null), timeOf('N/A'), timeOf('Unknown')], [null, null, null]);
  });
});
