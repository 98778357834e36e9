import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ActiveRun } from '../../../../src/engine/hooks/hook.ts';
import type { End } from '../../../../src/store/runTable.ts';
import { createOomKillCount, outOfMemory } from '../../../../src/engine/hooks/mainProcess.ts';
import { naturalEnd } from '../../../../src/engine/runs/runEnd.ts';

describe('an end by SIGKILL that nobody here sent', () => {
  const killed = naturalEnd(new Map(), { exitCode: null, signal: 'SIGKILL', at: 5 }, 5);
  const inShell = naturalEnd(new Map(), { exitCode: 137, signal: null, at: 5 }, 5);
  // The hook uses nothing of it.
  const run = {} as ActiveRun;
  /** The kernel's count at the start and at the end of the run. */
  const reason = (end: End, before: number | null, after: number | null): End['reason'] => {
    const counts = [before, after];
    const hook = outOfMemory(() => counts.shift() ?? null);
    hook.started(run);
    return { ...end, ...hook.beforeEnd(run, end) }.reason;
  };

  it('is attributed to memory when the kernel killed a process meanwhile', () => {
    assert.equal(reason(killed, 2, 3), 'out_of_memory');
    assert.equal(reason(inShell, 2, 3), 'out_of_memory');
  });

  it('stays what it is without that evidence', () => {
    assert.equal(reason(killed, 3, 3), 'signal');
    assert.equal(reason(killed, null, 3), 'signal');
    assert.equal(reason(killed, 3, null), 'signal');
    assert.equal(reason(inShell, 3, 3), 'exit');
  });

  it('does not affect other ends', () => {
    assert.equal(reason({ ...killed, signal: 'SIGTERM' }, 2, 3), 'signal');
    assert.equal(reason({ ...inShell, exitCode: 1 }, 2, 3), 'exit');
    assert.equal(reason({ ...killed, status: 'killed', reason: 'user' }, 2, 3), 'user');
  });
});

describe('the count of processes that the kernel killed for lack of memory', () => {
  let root = '';
  beforeEach(() => (root = `${mkdtempSync(join(tmpdir(), 'bgjobs-root-'))}/`));
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  it('is that of the own cgroup if there is one, otherwise that of the machine', () => {
    write('proc/vmstat', 'nr_free_pages 12\noom_kill 7\n');
    write('proc/self/cgroup', '4:memory:/old\n0::/user.slice/a b.scope\n');
    assert.equal(createOomKillCount(root)(), 7);
    write('sys/fs/cgroup/user.slice/a b.scope/memory.events', 'low 0\noom 4\noom_kill 2\noom_group_kill 0\n');
    const count = createOomKillCount(root);
    assert.equal(count(), 2);
    write('sys/fs/cgroup/user.slice/a b.scope/memory.events', 'low 0\noom 4\noom_kill 3\n');
    assert.equal(count(), 3);
  });

  it('is unknown where the kernel does not count', () => {
    assert.equal(createOomKillCount(root)(), null);
  });

  it('is read once for all runs that start within a second', () => {
    let [clock, readings] = [0, 0];
    const hook = outOfMemory(
      () => readings++,
      () => clock,
    );
    const start = (): number => {
      hook.started({} as ActiveRun);
      return readings;
    };
    assert.deepEqual([start(), start()], [1, 1]);
    clock = 1001;
    assert.equal(start(), 2);
  });
});
