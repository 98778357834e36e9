import * as z from 'zod';
import { directions } from './choices.ts';
import { job } from './job.ts';

export const queueRequest = z.strictObject({
  session: z.string().min(1).optional().meta({ description: 'Of this session alone' }),
});
export type QueueRequest = z.input<typeof queueRequest>;

export const queue = z.object({
  paused: z.boolean().meta({ description: 'Nothing starts' }),
  pausedSessions: z.array(z.string()).meta({ description: 'Nothing of these sessions starts' }),
  jobs: z
    .array(job)
    .meta({ description: 'Those that may start first, in their order; then those that wait for others or a time' }),
});
export type Queue = z.infer<typeof queue>;

export const moveRequest = z.strictObject({
  to: z.enum(directions).meta({ description: 'Among the jobs of the same session that may start' }),
});
export type MoveRequest = z.input<typeof moveRequest>;
