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
  state: processState
    .nullable()
    .describe('disk_sleep: waits for a device and cannot be interrupted. Null on Windows, which does not report it'),
  cpu: cpu.describe('Percent of one core, measured over `sampleMs`; several threads can use more than 100'),
  memory: memory.describe('Resident memory in bytes, including shared memory'),
  threads: count.describe('Null on macOS, which does not report it'),
  files: count.describe(
    "Open file descriptors, or handles on Windows. Null if they cannot be read, for example for another user's " +
      'process',
  ),
  startedAt: time.nullable(),
});
export type LiveProcess = z.infer<typeof liveProcess>;

export const inspection = z.object({
  jobId,
  run: z.int().nullable().describe('The number of the current run; null before the first run'),
  status: jobStatus,
  sampleMs: z.int().describe('How long `cpu` was measured, in milliseconds; 0 when no process is alive'),
  processes: z.array(liveProcess).describe('The processes of a running job, oldest first'),
  leftovers: z.array(liveProcess).describe('Processes that are alive although the main process has ended'),
  totals: z
    .object({ processes: z.int(), cpu, memory, threads: count, files: count })
    .describe('Sums over the processes whose values are known; null if none is known'),
});
/** The live processes of a job's tree and the resources they use. */
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
  'slurm',
  'slurm_processes',
  'slurm_arrays',
  'slurm_files',
  'leftovers',
]);
export type CheckId = z.infer<typeof checkId>;

export const check = z.object({
  id: checkId,
  status: z
    .enum(['ok', 'warning', 'problem'])
    .describe('warning: jobs work, but something is lost or will be; problem: jobs do not work as they should'),
  summary: z.string().describe('The finding, as a sentence'),
  advice: z.string().nullable().describe('What to do about it; null when nothing is wrong'),
});
export type Check = z.infer<typeof check>;

/**
 * - `ended_run`: the store has the run, and it has ended
 * - `removed_job`: the job was removed from the store
 * - `lost_store`: the store no longer exists
 * - `unknown_store`: it is unknown which store it was
 * - `unreadable_store`: a store cannot be read that may have the run, for example one in a container
 */
export const belongsTo = z.enum(['ended_run', 'removed_job', 'lost_store', 'unknown_store', 'unreadable_store']);
export type BelongsTo = z.infer<typeof belongsTo>;

export const leftProcess = processInfo.extend({
  memory: z.int().nullable().describe('Bytes in memory (resident set)'),
  startedAt: time.nullable(),
  runId: z.string(),
  jobId: z.string(),
  jobStatus: jobStatus.nullable().describe('Null when the job was removed or is unknown'),
  belongsTo,
  home: z.string().nullable().describe('Its data directory; null when unknown'),
  isOfThisStore: z.boolean(),
  keptBecause: z.string().nullable().describe('Why the process cannot be killed from here; null when it can'),
  outcome: z.enum(['kept', 'ended', 'survived']).describe('survived: killing it failed, and it is still there'),
});
/** A process of a run that is no longer under way. */
export type LeftProcess = z.infer<typeof leftProcess>;

export const doctorReport = z.object({ checks: z.array(check), processes: z.array(leftProcess) });
export type DoctorReport = z.infer<typeof doctorReport>;
