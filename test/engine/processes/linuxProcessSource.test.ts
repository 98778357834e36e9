import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinuxProcessSource, parseStat } from '../../../src/processes/linuxProcessSource.ts';
import type { ProcessEntry } from '../../../src/processes/processSource.ts';
import { markingLine, markOf } from '../../../src/processes/runMark.ts';
import { until } from '../../helpers/engine/supervisedRun.ts';

describe('parseStat', () => {
  const line = (name: string, state: string, threads: number): string =>
    `4321 (${name}) ${state} 11 22 33 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 ${threads} 0 987654 48390144 4162 1 1\n`;

  it('reads a name that holds spaces and parentheses', () => {
    assert.deepEqual(parseStat(line('a) R 1 (b', 'S', 1)), {
      pid: 4321,
      ppid: 11,
      pgid: 22,
      sid: 33,
      startTime: '987654',
      state: 'running',
      command: 'a) R 1 (b',
    });
  });

  it('tells the stopped and the dead, and those of whom only the first thread is dead', () => {
    const state = (letter: string, threads = 1): string | undefined => parseStat(line('x', letter, threads))?.state;
    assert.deepEqual(
      ['R', 'S', 'D', 'I', 'T', 't', 'Z', 'X'].map((letter) => state(letter)),
      [...Array<string>(4).fill('running'), ...['stopped', 'stopped', 'zombie', 'zombie']],
    );
    assert.equal(state('Z', 3), 'running');
  });

  it('reads nothing from an incomplete line', () => {
    assert.equal(parseStat(''), undefined);
    assert.equal(parseStat('4321 (sleep) S 11 22'), undefined);
  });
});

describe('the processes of Linux', () => {
  const table = createLinuxProcessSource();
  let children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
  });

  function start(program: string, args: string[], options: object = {}): number {
    const child = spawn(program, args, { stdio: 'ignore', ...options });
    children.push(child);
    return child.pid!;
  }

  it('names a process for ever, and knows another one by its start time or boot', () => {
    const pid = start('sleep', ['1000']);
    const identity = table.identify(pid)!;
    assert.equal(identity.bootId, table.bootId());
    assert.match(identity.bootId, /^[0-9a-f-]{36}$/);
    assert.equal(table.isAlive(identity), true);
    assert.equal(table.isAlive({ ...identity, startTime: '1' }), false);
    assert.equal(table.isAlive({ ...identity, bootId: 'another' }), false);
    assert.equal(table.identify(2 ** 30), undefined);
  });

  it('takes a zombie for dead, but can name it', async () => {
    const parent = start('perl', ['-e', 'fork or exit; sleep 1000']);
    await until(() => table.childrenOf(parent).length === 1);
    const [child] = table.childrenOf(parent);
    const identity = table.identify(child!)!;
    await until(() => !table.isAlive(identity));
    assert.deepEqual(table.identify(child!), identity);
    const entry = (await table.snapshot()).find(({ pid }) => pid === child);
    assert.deepEqual([entry?.state, entry?.ppid], ['zombie', parent]);
  });

  it('sees parents, groups and sessions', async () => {
    const pid = start('sleep', ['1000'], { detached: true });
    const entry = (await table.snapshot()).find((one) => one.pid === pid)!;
    const { ppid, pgid, sid, state, command } = entry;
    assert.deepEqual(
      { ppid, pgid, sid, state, command },
      { ppid: process.pid, pgid: pid, sid: pid, state: 'running', command: 'sleep' },
    );
    assert.equal(table.commandOf(entry), 'sleep 1000');
    assert.ok(table.childrenOf(process.pid).includes(pid));
    assert.equal(table.groupIsEmpty(pid), false);
    assert.equal(table.ownerOf(pid), process.getuid?.());
    assert.equal(table.sharesFiles(pid), true);
  });

  it('reads run id, keeper, data directory and output', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bgjobs-table-'));
    const path = join(folder, 'stderr.log');
    const log = openSync(path, 'a');
    const env = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], ...more });
    const stdio = ['ignore', 'ignore', log];
    const marked = start('sleep', ['1000'], { stdio, env: env({ XBGJOBS_RUN_ID: 'no', BGJOBS_RUN_ID: 'job.1' }) });
    const holder = start('sleep', ['1000'], {
      env: env({ BGJOBS_RUN_ID: 'job.1', BGJOBS_HOLDER: '1', BGJOBS_HOME: '/a b' }),
    });
    const unmarked = start('sleep', ['1000'], { stdio, env: env({ BGJOBS_HOLDER: '10' }) });
    closeSync(log);
    const entries = (await table.snapshot()).filter(({ pid }) => [marked, holder, unmarked].includes(pid));
    const evidence = await table.evidenceOf(entries);
    assert.deepEqual(evidence.get(marked), { runId: 'job.1', isKeeper: false, dataDir: undefined, outputs: [] });
    assert.deepEqual(evidence.get(holder), { runId: 'job.1', isKeeper: true, dataDir: '/a b', outputs: [] });
    assert.deepEqual(evidence.get(unmarked), {
      runId: undefined,
      isKeeper: false,
      dataDir: undefined,
      outputs: ['/dev/null', path],
    });
    assert.deepEqual((await table.outputsOf(entries)).get(marked), ['/dev/null', path]);
    assert.deepEqual(
      [marked, holder].map((pid) => table.isKeeper(pid)),
      [false, true],
    );
    rmSync(folder, { recursive: true });
  });

  it('reads the mark of a process that shows no run, but not of a job host', async () => {
    const marking = `${markingLine('job.1')}; exec sleep 1000`;
    const pids = [{}, { BGJOBS_HOME: '/home' }, { BGJOBS_RUN_ID: 'job.2' }].map((env) =>
      start('/bin/sh', ['-c', marking], { env: { PATH: process.env['PATH'], ...env } }),
    );
    await until(() => pids.every((pid) => table.commandOf({ pid, command: '' } as ProcessEntry) === 'sleep 1000'));
    const entries = (await table.snapshot()).filter(({ pid }) => pids.includes(pid));
    const evidence = await table.evidenceOf(entries);
    assert.deepEqual(
      pids.map((pid) => evidence.get(pid)?.mark),
      [markOf('job.1'), undefined, undefined],
    );
  });

  it('signals nobody whose start time or group is another', async () => {
    const pid = start('sleep', ['1000'], { detached: true });
    const entry = (await table.snapshot()).find((one) => one.pid === pid)!;
    assert.equal(table.signal({ ...entry, startTime: '1' }, 'SIGKILL'), 'gone');
    assert.equal(table.signalGroup({ ...entry, startTime: '1' }, 'SIGKILL'), 'gone');
    assert.equal(table.signalGroup({ ...entry, pgid: pid + 1 }, 'SIGKILL'), 'gone');
    assert.equal(table.signal(entry, 0), 'delivered');
    assert.equal(table.signalGroup(entry, 'SIGKILL'), 'delivered');
    await until(() => table.groupIsEmpty(pid));
    assert.equal(table.signal(entry, 0), 'gone');
  });

  it('finds who is new, and counts those who are gone again', async () => {
    const known = new Set((await table.snapshot()).map(({ pid }) => pid));
    const pid = start('sleep', ['1000']);
    assert.ok(table.newcomers(known).some((entry) => entry.pid === pid));
    assert.ok(known.has(pid));
    assert.ok(!table.newcomers(known).some((entry) => entry.pid === pid));
  });

  it('finds children without the list of children, a kernel option', () => {
    const proc = mkdtempSync(join(tmpdir(), 'bgjobs-proc-'));
    for (const [pid, ppid] of [
      [500, 1],
      [501, 500],
      [502, 501],
      [503, 500],
    ]) {
      mkdirSync(join(proc, String(pid)));
      const rest = `${pid} ${pid} 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 99 0 0 0`;
      writeFileSync(join(proc, String(pid), 'stat'), `${pid} (sleep) S ${ppid} ${rest}`);
    }
    assert.deepEqual(createLinuxProcessSource({ proc }).childrenOf(500), [501, 503]);
    rmSync(proc, { recursive: true });
  });
});
