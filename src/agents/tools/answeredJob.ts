import * as z from 'zod';
import { job } from '../../api/job.ts';

const someJob = job.pick({ id: true, run: true, status: true });

/** The job that a tool's answer is about: alone, or with what else was found. */
const answeredJob = z.union([someJob, z.object({ job: someJob }).transform((answer) => answer.job)]);

/** @returns null where the answer is about none, or about many */
export function jobOfAnswer(data: unknown): z.output<typeof someJob> | null {
  return answeredJob.safeParse(data).data ?? null;
}
