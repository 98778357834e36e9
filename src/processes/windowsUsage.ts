import type { Helper } from './helper.ts';
import { listProcesses } from './powershell.ts';
import type { ProcessEntry } from './processIdentity.ts';
import type { ProcessUsage } from './processTable.ts';

/** Times are counted in 100 ns. PowerShell itself says when it looked, because it takes long to start. */
const fields = {
  pid: '$_.ProcessId',
  at: '[DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()',
  cpuMs: '($_.KernelModeTime + $_.UserModeTime) / 10000',
  memory: '$_.WorkingSetSize',
  threads: '$_.ThreadCount',
  files: '$_.HandleCount',
};

type Listed = Record<keyof typeof fields, number>;

/** Of all processes, because a filter that names many would be longer than a command line may be. */
export async function windowsUsage(
  helper: Helper,
  processes: readonly ProcessEntry[],
): Promise<ReadonlyMap<number, ProcessUsage>> {
  if (processes.length === 0) return new Map();
  const json = await helper.run(...listProcesses(fields));
  const list = json.trim() === '' ? [] : (JSON.parse(json) as Listed[]);
  const startTimes = new Map(processes.map(({ pid, startTime }) => [pid, Number(startTime)]));
  return new Map(
    list.flatMap(({ pid, ...usage }) => {
      const startedAt = startTimes.get(pid);
      return startedAt === undefined ? [] : [[pid, { ...usage, state: null, startedAt }]];
    }),
  );
}
