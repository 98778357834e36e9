import * as z from 'zod';

/** Where a run can be: on this machine, or on a cluster that Slurm manages. */
export const runnerName = z.enum(['local', 'slurm']);

/** What the programs of Slurm take as one word: it must not look like an option. */
const word = z
  .string()
  .max(500)
  .regex(/^[^\s\0-][^\s\0]*$/, 'must be one word without spaces that does not begin with "-"');

const count = z.int().min(1).max(1_000_000);

/** What a job asks of Slurm. What is left out is the default of the cluster. */
export const slurmOptions = z.strictObject({
  partition: word.optional().describe('Partition, or several separated by commas'),
  account: word.optional().describe('Account that is charged'),
  qos: word.optional().describe('Quality of service'),
  timeLimit: z
    .string()
    .regex(
      /^(\d+(:\d+){0,2}|\d+-\d+(:\d+){0,2}|UNLIMITED|INFINITE)$/i,
      'must be a time of Slurm, for example 30 (minutes), 2:00:00 or 1-12',
    )
    .optional()
    .describe(
      'Time limit in the words of Slurm: minutes, hours:minutes:seconds or days-hours (default: from timeoutMs)',
    ),
  nodes: count.optional().describe('Number of nodes'),
  ntasks: count.optional().describe('Number of tasks, for srun in the command; the command itself runs once'),
  cpus: count.optional().describe('Number of CPUs for each task'),
  memory: z
    .string()
    .regex(/^\d+[KMGT]?$/i, 'must be a size for each node, for example 4G')
    .optional()
    .describe('Memory for each node, for example 4G (default: from limits.memoryBytes)'),
  gpus: word.optional().describe('GPUs for the job: a number, or type:number'),
  constraint: word.optional().describe('Features that the nodes must have'),
  reservation: word.optional().describe('Reservation to use'),
  extra: z
    .array(
      z
        .string()
        .min(1)
        .max(500)
        .refine((text) => !/[\0\r\n]/.test(text), 'must be one line'),
    )
    .max(50)
    .optional()
    .describe('More options of sbatch, one each, for example --exclusive or --licenses=matlab'),
});

const moment = z.iso.datetime();

/** Where a run is that is not on this machine, in the words of the system there. */
export const remote = z.object({
  id: z.string().nullable().describe('The id there, for example 4711, or 4711_7 for a task; null until it is known'),
  state: z.string().nullable().describe('The state there, for example PENDING; null if it is not known'),
  reason: z.string().nullable().describe('The reason of that state, for example Priority'),
  node: z.string().nullable().describe('The node on which the command runs'),
  partition: z.string().nullable(),
  submittedAt: moment.nullable().describe('When it was submitted, by the clock there'),
  expectedStart: moment.nullable().describe('When it is expected to start; null if nobody knows'),
  silentSince: moment.nullable().describe('Since when the controller does not answer; null if it does'),
});
export type Remote = z.infer<typeof remote>;
