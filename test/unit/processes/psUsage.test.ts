import assert from 'node:assert/strict';
import { createHelper, type Helper } from '../../../src/processes/processSource.ts';
import { psMemory, psUsage } from '../../../src/processes/psProcessSource.ts';
import { fakeEntries } from '../../helpers/engine/fakeTable.ts';

const processes = fakeEntries([
  { pid: 812, startTime: '1795163835000' },
  { pid: 813, startTime: '1795163836000' },
]);
const lsof = 'p812\nfcwd\nftxt\nf0\nf1\nf2\np814\nf0\n';

describe('the usage by ps', () => {
  it('is asked for in the ways of macOS, which counts no threads', async () => {
    const { helper, asked } = answering({ ps: '  812 Ss     0:01.25   2048\n  813 R+  61:00.00  10\n', lsof });
    const found = await psUsage('darwin', helper, processes);
    assert.deepEqual(
      [...found].map(([pid, { at, ...usage }]) => ({ pid, hasTime: at <= performance.now(), ...usage })),
      [
        {
          pid: 812,
          hasTime: true,
          cpuMs: 1250,
          memory: 2_097_152,
          threads: null,
          files: 3,
          state: 'sleeping',
          startedAt: 1795163835000,
        },
        {
          pid: 813,
          hasTime: true,
          cpuMs: 3_660_000,
          memory: 10_240,
          threads: null,
          files: null,
          state: 'running',
          startedAt: 1795163836000,
        },
      ],
    );
    assert.deepEqual(asked, ['ps -o pid= -o stat= -o time= -o rss= -p 812,813', 'lsof -nPw -p 812,813 -F pf']);
  });

  it('includes threads where ps counts them', async () => {
    const { helper, asked } = answering({ ps: '812 I 0:00.00 4 17\n', lsof: '' });
    const usage = (await psUsage('freebsd', helper, processes)).get(812);
    assert.deepEqual([usage?.threads, usage?.files], [17, null]);
    assert.match(asked[0] ?? '', / -o nlwp= -p 812,813$/);
  });

  it('reads states, and times with hours and days; of the dead there is none', async () => {
    const lines = ['1 D 3:01:02 1', '2 U 2-03:01:02 1', '3 T+ 0:00.01 1', '4 Z 0:00.00 0', '5 S - 1', ''];
    const { helper } = answering({ ps: lines.join('\n'), lsof: '' });
    const found = await psUsage('darwin', helper, processes);
    assert.deepEqual(
      [...found].map(([pid, { state, cpuMs }]) => [pid, state, cpuMs]),
      [
        [1, 'disk_sleep', 10_862_000],
        [2, 'disk_sleep', 183_662_000],
        [3, 'stopped', 10],
        [5, 'sleeping', null],
      ],
    );
  });

  it('is read from a real ps', async () => {
    const helper = createHelper({ ...process.env, LC_ALL: 'C' });
    const [usage] = (await psUsage('freebsd', helper, fakeEntries([{ pid: process.pid }]))).values();
    assert.ok(usage && usage.cpuMs !== null && usage.cpuMs >= 0, JSON.stringify(usage));
    assert.ok(usage.memory !== null && usage.memory > 10_000_000, String(usage.memory));
    assert.ok(usage.threads !== null && usage.threads > 1, String(usage.threads));
  });

  it('runs no command for an empty list', async () => {
    const { helper, asked } = answering({});
    assert.deepEqual([...(await psUsage('darwin', helper, []))], []);
    assert.equal(await psMemory(helper, []), 0);
    assert.deepEqual(asked, []);
  });
});

describe('the memory by ps', () => {
  it('is the sum of the resident sets of all existing processes', async () => {
    const { helper, asked } = answering({ ps: '  2048\n    10\n' });
    assert.equal(await psMemory(helper, processes), 2058 * 1024);
    assert.deepEqual(asked, ['ps -o rss= -p 812,813']);
  });

  it('is read from a real ps', async () => {
    const helper = createHelper({ ...process.env, LC_ALL: 'C' });
    const own = fakeEntries([{ pid: process.pid }, { pid: 9_000_501 }]);
    assert.ok((await psMemory(helper, own)) > 10_000_000);
  });
});

/** A helper that answers by the program, and what it was asked. */
function answering(answers: Record<string, string>): { helper: Helper; asked: string[] } {
  const asked: string[] = [];
  const runSync = (file: string, args: readonly string[]): string => {
    asked.push([file, ...args].join(' '));
    return answers[file] ?? '';
  };
  return { asked, helper: { runSync, run: (file, args) => Promise.resolve(runSync(file, args)) } };
}
