import assert from 'node:assert/strict';
import type { Helper } from '../../../src/processes/processSource.ts';
import {
  createPsProcessSource,
  parseEnvironments,
  parseOpenFiles,
  parsePs,
} from '../../../src/processes/psProcessSource.ts';

/** As macOS prints it; the columns are as wide as they need to be. */
const list = `    1     0     1 Ss   Thu Jan  1 09:30:01 2026     /sbin/launchd
  812     1   812 S    Fri Nov 20 08:37:15 2026     /bin/sh -c make  -j2
  813   812   812 T+   Fri Nov 20 08:37:16 2026     make -j2
  814   812   812 Z    Fri Nov 20 08:37:16 2026     (cc)
`;

describe('parsePs', () => {
  it('reads numbers, state, start in UTC, and the command line as it is', () => {
    const [launchd, shell, make, dead] = parsePs(list);
    assert.equal(launchd?.startTime, String(Date.UTC(2026, 0, 1, 9, 30, 1)));
    assert.deepEqual(shell, {
      pid: 812,
      ppid: 1,
      pgid: 812,
      sid: 0,
      startTime: String(Date.UTC(2026, 10, 20, 8, 37, 15)),
      state: 'running',
      command: '/bin/sh -c make  -j2',
    });
    assert.deepEqual([make?.state, dead?.state], ['stopped', 'zombie']);
  });
});

describe('parseEnvironments', () => {
  it('finds run id, keeper and data directory after the command line', () => {
    const found = parseEnvironments(
      [
        '  812 sh -c x PATH=/bin BGJOBS_RUN_ID=a-b.2 HOME=/',
        '813 sleep 9 BGJOBS_HOLDER=1 BGJOBS_HOME=/Users/me/Application Support/jobs BGJOBS_RUN_ID=a-b.2',
        '814 cc',
        '',
      ].join('\n'),
    );
    assert.deepEqual(
      [...found],
      [
        [812, { runId: 'a-b.2', isKeeper: false, dataDir: undefined, outputs: [] }],
        [813, { runId: 'a-b.2', isKeeper: true, dataDir: '/Users/me/Application Support/jobs', outputs: [] }],
        [814, { runId: undefined, isKeeper: false, dataDir: undefined, outputs: [] }],
      ],
    );
  });
});

describe('parseOpenFiles', () => {
  it('reads the fields of lsof, spaces in paths and all', () => {
    assert.deepEqual(
      [...parseOpenFiles('p812\nf1\nn/a b/stdout.log\nf2\nn/dev/null\np813\nf1\nnpipe\n')],
      [
        [812, ['/a b/stdout.log', '/dev/null']],
        [813, ['pipe']],
      ],
    );
  });
});

describe('the processes by ps', () => {
  it('asks ps, sysctl and lsof in the ways of macOS', async () => {
    const { helper, asked } = answering({
      sysctl: 'BOOT-1\n',
      lsof: 'p814\nf1\nn/logs/stdout.log\n',
      'ps -E': '812 sh BGJOBS_RUN_ID=a.1\n814 cc\n',
      ps: list,
    });
    const table = createPsProcessSource('darwin', { helper, kill: () => true });
    const entries = await table.snapshot();
    assert.equal(entries.length, 4);
    const evidence = await table.evidenceOf([entries[1]!, entries[3]!]);
    assert.deepEqual(
      [...evidence.values()].map(({ runId, outputs }) => [runId, outputs]),
      [
        ['a.1', []],
        [undefined, ['/logs/stdout.log']],
      ],
    );
    assert.deepEqual(table.identify(1), { pid: 1, startTime: entries[0]!.startTime, bootId: 'BOOT-1' });
    assert.deepEqual(table.childrenOf(812), [813, 814]);
    const columns = '-o pid= -o ppid= -o pgid= -o stat= -o lstart= -o command=';
    assert.deepEqual(asked, [
      `ps -ax -ww ${columns}`,
      'ps -E -ww -o pid= -o command= -p 812,814',
      'lsof -nPw -a -d 1,2 -p 814 -F pn',
      `ps -ww ${columns} -p 1`,
      'sysctl -n kern.bootsessionuuid',
      `ps -ax -ww ${columns}`,
    ]);
  });

  it('does not ask lsof when every process shows a run id, and runs nothing to see that a process is gone', async () => {
    const { helper, asked } = answering({ 'ps eww': '812 sh BGJOBS_RUN_ID=a.1\n' });
    const gone = (): never => {
      throw Object.assign(new Error('gone'), { code: 'ESRCH' });
    };
    const table = createPsProcessSource('freebsd', { helper, kill: gone });
    const [, entry] = parsePs(list);
    await table.evidenceOf([entry!]);
    assert.equal(table.isAlive({ pid: 812, startTime: entry!.startTime, bootId: '' }), false);
    assert.deepEqual(asked, ['ps eww -o pid= -o command= -p 812']);
  });

  it('knows a recycled number and a zombie for dead', () => {
    const { helper } = answering({ ps: list.split('\n')[3]! });
    const table = createPsProcessSource('freebsd', { helper, kill: () => true });
    const identity = table.identify(814)!;
    assert.equal(table.isAlive(identity), false);
    const running = createPsProcessSource('freebsd', {
      helper: answering({ ps: list.split('\n')[1]! }).helper,
      kill: () => true,
    });
    const alive = running.identify(812)!;
    assert.equal(running.isAlive(alive), true);
    assert.equal(running.isAlive({ ...alive, startTime: '5' }), false);
  });
});

/** A helper that answers by the start of the command, and what it was asked. */
function answering(answers: Record<string, string>): { helper: Helper; asked: string[] } {
  const asked: string[] = [];
  const runSync = (file: string, args: readonly string[]): string => {
    const line = [file, ...args].join(' ');
    asked.push(line);
    return Object.entries(answers).find(([start]) => line.startsWith(start))?.[1] ?? '';
  };
  return { asked, helper: { runSync, run: (file, args) => Promise.resolve(runSync(file, args)) } };
}
