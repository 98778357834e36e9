import * as z from 'zod';
import { processInfo } from './job.ts';
import { jobStatus } from './stateSchemas.ts';
import { time } from './time.ts';

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
