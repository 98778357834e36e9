import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { runToEnd, shellJob, withFolder, withHost, type BenchHost } from '../benchHost.ts';
import { canMeasureProcesses, cpuSeconds } from '../processUsage.ts';
import { inTurn, pairedRatio, spread } from '../statistics.ts';
import { cpuRow } from './output.ts';

const size = effort(100_000_000, 20_000_000);
const rounds = effort(5, 1);
/** A part of a flood takes this long (seconds), so that a channel sees many of its frames. */
const pause = 0.05;
const parts = effort(100, 20);

const plain = (line: number): string =>
  `[${line}] A line of output as a build might write it, of a length that is not unusual.\n`;
/** Eight coloured bars, drawn over those before. */
const frame = (state: number): string => {
  const bars = Array.from({ length: 8 }, (_, bar) => {
    const done = (state + bar) % 40;
    return `task ${bar} \u001B[38;5;197m${'━'.repeat(done)}\u001B[0m${'━'.repeat(40 - done)} \u001B[35m${done}%\u001B[0m`;
  });
  return `\r\u001B[2K${'\u001B[1A\u001B[2K'.repeat(7)}${bars.join('\n')}`;
};

/** 100 MB of lines that are redrawn, compared with as many bytes of lines that are not. */
export function redrawn(context: Context): Promise<Outcome> {
  return withFolder((folder) =>
    withHost(context, async (host) => {
      const flood = (name: string, make: (n: number) => string): { paced: string; atOnce: string } => {
        const part = Array.from({ length: 2000 }, (_, n) => make(n)).join('');
        const file = join(folder, name);
        writeFileSync(file, part.repeat(Math.ceil(size / parts / Buffer.byteLength(part))));
        return {
          paced: `for n in $(seq ${parts}); do cat '${file}'; sleep ${pause}; done`,
          atOnce: `yes '${file}' | head -n ${parts} | xargs cat`,
        };
      };
      const [lines, frames] = [flood('lines', plain), flood('frames', frame)];
      const alone: number[] = [];
      const looked = await inTurn(rounds, {
        alone: async () => {
          const before = canMeasureProcesses ? cpuSeconds(host.pid) : NaN;
          await host.client.removeJob(await runToEnd(host.client, shellJob(frames.atOnce)));
          return alone.push(canMeasureProcesses ? cpuSeconds(host.pid) - before : NaN);
        },
        lines: () => look(host, lines.paced),
        frames: () => look(host, frames.paced),
      });
      const ratio = pairedRatio(looked.frames, looked.lines);
      return {
        rows: [
          ...cpuRow(alone, `${size / 1_000_000} MB of redrawn lines, nobody looks`, 0.05),
          {
            what: `${size / 1_000_000} MB of redrawn lines in an open channel: CPU of the window`,
            ours: spread(looked.frames, ' s', 2),
            peer: spread(looked.lines, ' s', 2),
            ratio,
            reach: atMost(ratio, 1.25, '×'),
          },
        ],
        notes: ['Redrawn lines: eight bars drawn over and over; the peer is the same number of bytes in plain lines.'],
      };
    }),
  );
}

/** @returns the CPU time of the follower (seconds) */
async function look({ client, home }: BenchHost, flood: string): Promise<number> {
  const { job } = await client.startJob(shellJob(flood, { held: true }));
  const script = join(import.meta.dirname, '..', 'look.ts');
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, ['--no-warnings', script, home, job.id], { stdio: [...stdio] });
  const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await said.next();
  await client.releaseJob(job.id);
  const { value } = await said.next();
  await client.removeJob(job.id);
  return Number(value);
}
