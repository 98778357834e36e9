import * as z from 'zod';
import { jobId, processInfo } from './job.ts';
import { jobStatus } from './stateSchemas.ts';
import { time } from './time.ts';

/** `disk_sleep`: waits for a device and cannot be interrupted. */
export const processState = z.enum(['running', 'sleeping', 'disk_sleep', 'stopped']);
export type ProcessState = z.infer<typeof processState>;

const cpu = z.number().nullable();
const memory = z.int().nullable();
const count = z.int().nullable();

export const liveProcess = processInfo.extend({
  ppid: z.int(),
  state: processState.nullable().meta({
    description: 'disk_sleep: waits for a device and cannot be interrupted. Null on Windows, which does not say',
  }),
  cpu: cpu.meta({
    description: 'Percent of one core, measured over `sampleMs`; several threads can use more than 100',
  }),
  memory: memory.meta({ description: 'Bytes in memory (resident set), what it shares with others included' }),
  threads: count.meta({ description: 'Null on macOS, which does not say' }),
  files: count.meta({
    description: "Open file descriptors, handles on Windows. Null where they cannot be read: another user's process",
  }),
  startedAt: time.nullable(),
});
export type LiveProcess = z.infer<typeof liveProcess>;

export const inspection = z.object({
  jobId,
  run: z.int().nullable().meta({ description: 'The number of the current run; null before the first' }),
  status: jobStatus,
  sampleMs: z.int().meta({ description: 'Over how many milliseconds `cpu` was measured; 0 when nothing is alive' }),
  processes: z.array(liveProcess).meta({ description: 'Of a job that runs, oldest first' }),
  leftovers: z.array(liveProcess).meta({ description: 'What is alive although the main process has ended' }),
  totals: z
    .object({ processes: z.int(), cpu, memory, threads: count, files: count })
    .meta({ description: 'Of all of them, as far as it is known; null when it is known of none' }),
});
/** The live processes of a job's tree, and what they use. */
export type Inspection = z.infer<typeof inspection>;
