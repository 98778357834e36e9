import assert from 'node:assert/strict';
import type { ProcessUsage } from '../../../src/processes/processSource.ts';
import { sampleTree } from '../../../src/processes/sampleTree.ts';
import { fakeTable, self, type FakeProcess } from '../../helpers/engine/fakeTable.ts';

describe('sampleTree', () => {
  const supervisor: FakeProcess = { pid: 9_000_400, startTime: '100' };
  const member = (pid: number): FakeProcess => ({ pid, ppid: 9_000_400, startTime: String(pid), runId: 'a.1' });
  const target = {
    runId: 'a.1',
    supervisor: { pid: 9_000_400, startTime: '100', bootId: 'this boot' },
    logs: [],
  };

  /** @param looks of each look: the processes that are there, and what each has used until then, in ms of 1000 between looks */
  function simulated(looks: readonly ReadonlyMap<number, number | null>[]) {
    let turn = 0;
    const there = (): FakeProcess[] => [self, supervisor, ...[...(looks[turn]?.keys() ?? [])].map(member)];
    const processes = there();
    const table = fakeTable(processes);
    return {
      ...table,
      usageOf: () => {
        const at = turn * 1000;
        const found = [...(looks[turn] ?? [])].map(([pid, cpuMs]): [number, ProcessUsage] => [
          pid,
          { at, cpuMs, memory: 1, threads: 1, files: null, state: 'running', startedAt: null },
        ]);
        turn++;
        processes.splice(0, Infinity, ...there());
        return Promise.resolve(new Map(found));
      },
    };
  }

  it('measures between two samples, but not processes that have exited by then', async () => {
    const table = simulated([
      new Map([
        [9_000_501, 5000],
        [9_000_502, 700],
        [9_000_503, null],
      ]),
      new Map([
        [9_000_501, 5250],
        [9_000_503, null],
      ]),
    ]);
    const { processes, durationMs } = await sampleTree(table, target);
    assert.deepEqual(
      processes.map(({ pid, command, cpu }) => [pid, command, cpu]),
      [
        [9_000_501, 'command 9000501', 25],
        [9_000_503, 'command 9000503', null],
      ],
    );
    assert.ok(durationMs > 0);
  });

  it('counts processes that started in between from their start', async () => {
    const table = simulated([
      new Map([[9_000_501, 0]]),
      new Map([
        [9_000_501, 0],
        [9_000_502, 50],
      ]),
    ]);
    const { processes, durationMs } = await sampleTree(table, target);
    assert.deepEqual(
      processes.map(({ pid, cpu }) => [pid, cpu?.toFixed(6)]),
      [
        [9_000_501, '0.000000'],
        [9_000_502, ((50 / durationMs) * 100).toFixed(6)],
      ],
    );
  });

  it('does not wait when there are no processes', async () => {
    assert.deepEqual(await sampleTree(simulated([new Map()]), target), { processes: [], durationMs: 0 });
  });
});
