import * as z from 'zod';
import { jobId, processInfo } from './job.ts';
import { jobStatus, time } from './options.ts';

/** `disk_sleep`: waits for a device and cannot be interrupted. */
const processState = z.enum(['running', 'sleeping', 'disk_sleep', 'stopped']);

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

export const checkId = z.enum([
  'node',
  'processes',
  'boot',
  'home',
  'disk',
  'holes',
  'watch',
  'store',
  'damaged',
  'clock',
  'host',
  'host_warnings',
  'socket',
  'runs',
  'leftovers',
]);
export type CheckId = z.infer<typeof checkId>;

export const check = z.object({
  id: checkId,
  status: z.enum(['ok', 'warning', 'problem']).meta({
    description: 'warning: jobs work, something is lost or will be; problem: they do not work as they should',
  }),
  summary: z.string().meta({ description: 'What was found, in a sentence' }),
  advice: z.string().nullable().meta({ description: 'What to do; null when nothing is wrong' }),
});
export type Check = z.infer<typeof check>;

/**
 * - `ended_run`: the store has the run, and it has ended
 * - `removed_job`: the store has no such job any more
 * - `lost_store`: the store is no more
 * - `unknown_store`: nothing tells which store it was
 * - `unreadable_store`: a store cannot be read that may have the run, for example one in a container
 */
export const belongsTo = z.enum(['ended_run', 'removed_job', 'lost_store', 'unknown_store', 'unreadable_store']);
export type BelongsTo = z.infer<typeof belongsTo>;

export const leftProcess = processInfo.extend({
  memory: z.int().nullable().meta({ description: 'Bytes in memory (resident set)' }),
  startedAt: time.nullable(),
  runId: z.string(),
  jobId: z.string(),
  jobStatus: jobStatus.nullable().meta({ description: 'Null: the job is no more, or it is not known' }),
  belongsTo,
  home: z.string().nullable().meta({ description: 'The folder of its store; null when it is not known' }),
  isOfThisStore: z.boolean(),
  keptBecause: z.string().nullable().meta({ description: 'Why it cannot be ended from here; null when it can' }),
  outcome: z
    .enum(['kept', 'ended', 'survived'])
    .meta({ description: 'survived: it was to be ended, and is still there' }),
});
/** A process of a run that is not under way any more. */
export type LeftProcess = z.infer<typeof leftProcess>;

export const doctorReport = z.object({ checks: z.array(check), processes: z.array(leftProcess) });
export type DoctorReport = z.infer<typeof doctorReport>;
