import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf, type ProcessEntry, type ProcessUsage } from './processSource.ts';
import { RunTree, type RunTarget, type ProcessTable } from './runTree.ts';

/** Long enough for the CPU times of Linux, which have a resolution of 10 ms, and short enough to wait for. */
const sampleMs = 500;

export interface SampledProcess extends ProcessEntry {
  usage: ProcessUsage;
  /** Percent of one core over the sample. */
  cpu: number | null;
}

interface TreeSample {
  /** Oldest first. `command` is the command line. */
  processes: SampledProcess[];
  /** 0 if no process is alive. */
  durationMs: number;
}

/**
 * The live processes of a run's command and what they use, without the supervisor and its FIFO keepers. Scans twice, half
 * a second apart: processes alive at the end count, from their start if that is within the sample.
 * @throws AbortError when the signal is aborted
 */
export async function sampleTree(table: ProcessTable, target: RunTarget, signal?: AbortSignal): Promise<TreeSample> {
  const tree = new RunTree(table, target);
  const before = await read(table, tree);
  if (before.length === 0) return { processes: [], durationMs: 0 };
  const begun = performance.now();
  await sleep(sampleMs, undefined, signal && { signal });
  const after = await read(table, tree);
  const durationMs = performance.now() - begun;

  const earlier = new Map(before.map(({ entry, usage }) => [keyOf(entry), usage]));
  const processes = after.map(({ entry, usage }) => ({
    ...entry,
    command: table.commandOf(entry),
    usage,
    cpu: cpuPercent(earlier.get(keyOf(entry)) ?? { cpuMs: 0, at: usage.at - durationMs }, usage),
  }));
  return { processes: processes.reverse(), durationMs: processes.length === 0 ? 0 : durationMs };
}

async function read(table: ProcessTable, tree: RunTree): Promise<{ entry: ProcessEntry; usage: ProcessUsage }[]> {
  const { members } = await tree.scan();
  const usages = await table.usageOf(members);
  return members.flatMap((entry) => {
    const usage = usages.get(entry.pid);
    return usage ? [{ entry, usage }] : [];
  });
}

function cpuPercent(from: Pick<ProcessUsage, 'at' | 'cpuMs'>, to: ProcessUsage): number | null {
  if (from.cpuMs === null || to.cpuMs === null || to.at <= from.at) return null;
  return Math.max(0, ((to.cpuMs - from.cpuMs) / (to.at - from.at)) * 100);
}
