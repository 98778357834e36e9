import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { effort } from '../effort.ts';
import { atMost, type Outcome, type Row } from '../bench.ts';
import type { Context } from '../bench.ts';
import { runToEnd, shellJob, withFolder, withHost, type BenchHost } from '../benchHost.ts';
import { canMeasureProcesses, cpuSeconds } from '../processUsage.ts';
import { spawnIntoStream, spawnToEnd } from '../spawnToEnd.ts';
import { inTurn, median, pairedRatio, spread, timed } from '../statistics.ts';

export const gibibyte = 1_073_741_824;
const line = 'A line of output as a build might write it, of a length that is not unusual.';
/** Writes lines as fast as a program can; only the file system limits it. */
export const flood = `yes '${line}' | head -c ${gibibyte}`;

const rounds = effort(5, 1);

/** Without a follower, compared with the redirection of the shell and with a pipe into a Node stream. */
export function output(context: Context): Promise<Outcome> {
  return withFolder((folder) =>
    withHost(context, async (host) => {
      const file = join(folder, 'output.log');
      const cpu: Record<'kept' | 'dropping', number[]> = { kept: [], dropping: [] };
      const ours = (kind: keyof typeof cpu, maxLogBytes?: number) => async (): Promise<number> => {
        const { seconds, cpuSeconds } = await runFlood(host, maxLogBytes);
        cpu[kind].push(cpuSeconds);
        return seconds;
      };
      const theirs = (run: () => Promise<void>) => async (): Promise<number> => {
        const seconds = (await timed(run)) / 1000;
        if (!existsSync(file) || statSync(file).size !== gibibyte) throw new Error('the output is not complete');
        rmSync(file);
        return seconds;
      };
      const times = await inTurn(rounds, {
        redirection: theirs(() => spawnToEnd(`{ ${flood}; } > '${file}'`)),
        kept: ours('kept', 2 * gibibyte),
        dropping: ours('dropping'),
        stream: theirs(() => spawnIntoStream(flood, file)),
      });
      const peer = spread(times.redirection, ' s', 2);
      const row = (kind: keyof typeof cpu, what: string, limit: number): Row[] => {
        const ratio = pairedRatio(times[kind], times.redirection);
        const time = { what, ours: spread(times[kind], ' s', 2), peer, ratio, reach: atMost(ratio, limit, '×') };
        return [time, ...cpuRow(cpu[kind], what, 0.05)];
      };
      return {
        rows: [
          ...row('kept', '1 GiB of output, no follower, all kept', 1.1),
          ...row('dropping', '1 GiB of output, no follower, newest 256 MiB kept (default)', 1.05),
          {
            what: 'for comparison: pipe into a Node write stream',
            ours: spread(times.stream, ' s', 2),
            peer,
            ratio: pairedRatio(times.stream, times.redirection),
          },
        ],
        notes: ['Output: the peer is the redirection of the shell, `cmd > file`, on the same disk.'],
      };
    }),
  );
}

/** Runs the flood as a job. Host CPU includes its start, its end, and all polls of its logs. */
export async function runFlood(
  { client, pid }: BenchHost,
  maxLogBytes?: number,
): Promise<{ seconds: number; cpuSeconds: number }> {
  const cpuBefore = canMeasureProcesses ? cpuSeconds(pid) : NaN;
  let id = '';
  const ms = await timed(async () => {
    id = await runToEnd(client, shellJob(flood, maxLogBytes === undefined ? {} : { maxLogBytes }));
  });
  const used = canMeasureProcesses ? cpuSeconds(pid) - cpuBefore : NaN;
  const job = await client.getJob(id);
  if (job.runs[0]?.stdoutBytes !== gibibyte) throw new Error('the output is not complete');
  await client.removeJob(id);
  return { seconds: ms / 1000, cpuSeconds: used };
}

export function cpuRow(cpu: readonly number[], what: string, limit: number): Row[] {
  if (!canMeasureProcesses) return [];
  const text = `${what}: host CPU`;
  return [{ what: text, ours: spread(cpu, ' s', 2), reach: atMost(median(cpu), limit, ' s') }];
}
