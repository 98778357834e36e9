import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { shellJob, withFolder, withHost, type BenchHost } from '../benchHost.ts';
import { canMeasureProcesses, cpuSeconds } from '../processUsage.ts';
import { spawnToEnd } from '../spawnToEnd.ts';
import { inTurn, pairedRatio, spread, timed } from '../statistics.ts';
import { cpuRow, flood, gibibyte } from './output.ts';

const rounds = effort(5, 1);

/** A client in its own process follows the output from the first byte to the last. */
export function follower(context: Context): Promise<Outcome> {
  return withFolder((folder) =>
    withHost(context, async (host) => {
      const file = join(folder, 'output.log');
      const cpu: number[] = [];
      const lag: number[] = [];
      const redirected = async (): Promise<number> => {
        const ms = await timed(() => spawnToEnd(`{ ${flood}; } > '${file}'`));
        rmSync(file);
        return ms / 1000;
      };
      const times = await inTurn(rounds, {
        alone: redirected,
        followed: async () => {
          const run = await runFollowed(host);
          cpu.push(run.cpuSeconds);
          lag.push(run.lagSeconds);
          return run.seconds;
        },
        tailed: async () => {
          const tail = spawn('tail', ['-F', '-c', '+1', file], { stdio: 'ignore' });
          try {
            return await redirected();
          } finally {
            tail.kill();
            await once(tail, 'exit');
          }
        },
      });
      const what = '1 GiB of output, one live follower';
      const peer = spread(times.alone, ' s', 2);
      const ratio = pairedRatio(times.followed, times.alone);
      return {
        rows: [
          { what, ours: spread(times.followed, ' s', 2), peer, ratio, reach: atMost(ratio, 1.08, '×') },
          ...cpuRow(cpu, what, 0.3),
          {
            what: "for comparison: time from the end of the job to the follower's last byte",
            ours: spread(lag, ' s', 2),
          },
          {
            what: 'for comparison: `cmd > file` with `tail -F file`',
            ours: spread(times.tailed, ' s', 2),
            peer,
            ratio: pairedRatio(times.tailed, times.alone),
          },
        ],
        notes: [
          'Follower: the peer is `cmd > file` without a follower. The follower decodes all text and discards it.',
        ],
      };
    }),
  );
}

interface FollowedRun {
  seconds: number;
  /** Between the end of the job and the follower's last byte. */
  lagSeconds: number;
  cpuSeconds: number;
}

async function runFollowed({ client, pid, home }: BenchHost): Promise<FollowedRun> {
  const { job } = await client.startJob(shellJob(flood, { held: true, maxLogBytes: 2 * gibibyte }));
  const script = join(import.meta.dirname, '..', 'follow.ts');
  const child = spawn(process.execPath, ['--no-warnings', script, home, job.id], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const cpuBefore = canMeasureProcesses ? cpuSeconds(pid) : NaN;
  const ms = await timed(async () => {
    await client.releaseJob(job.id);
    await client.waitForJob(job.id);
  });
  let followed: IteratorResult<string> | undefined;
  const lagMs = await timed(async () => (followed = await lines.next()));
  if (Number(followed?.value) !== gibibyte) throw new Error(`the follower got ${String(followed?.value)} bytes`);
  const used = canMeasureProcesses ? cpuSeconds(pid) - cpuBefore : NaN;
  await client.removeJob(job.id);
  return { seconds: ms / 1000, lagSeconds: lagMs / 1000, cpuSeconds: used };
}
