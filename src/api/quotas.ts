import * as z from 'zod';

const amount = z.int().min(0);

/** How much jobs may take together. */
const quota = z
  .object({
    waitingJobs: amount
      .optional()
      .describe(
        'Maximum number of jobs that wait to start, with scheduled and held ones. A start that would add another one is ' +
          'refused with quota_exceeded. An array counts as one job',
      ),
    jobsPerHour: amount
      .optional()
      .describe('Maximum number of runs that start within an hour, with retries and the tasks of arrays. Others wait'),
  })
  .describe('0, or a field that is missing, means no quota');
export type Quota = z.infer<typeof quota>;
export type QuotaName = keyof Quota;

export const quotaNames = Object.keys(quota.shape) as QuotaName[];

export const quotas = z.object({
  quotas: quota.describe('Quotas of all jobs together. 0, or a field that is missing, means no quota'),
  quotasPerSession: quota.describe('Quotas of each session'),
  sessionQuotas: z
    .record(z.string(), quota)
    .describe('Quotas of individual sessions, by name; each overrides the one in quotasPerSession'),
});
export type Quotas = z.infer<typeof quotas>;

const change = z.partialRecord(z.enum(quotaNames), amount.nullable());

/** Only what is named changes. */
export const quotaChanges = {
  quotas: change.optional().describe('Quotas of all jobs together that are named here; null removes one'),
  quotasPerSession: change.optional().describe('Quotas of each session that are named here; null removes one'),
  sessionQuotas: z
    .record(z.string(), change.nullable())
    .optional()
    .describe('Quotas of the sessions that are named here; null removes one quota, or all of a session'),
};

/** @param session that of all jobs together if it is left out @returns 0 if there is none */
export function quotaOf({ quotas: all, quotasPerSession, sessionQuotas }: Quotas, name: QuotaName, session?: string) {
  if (session === undefined) return all[name] ?? 0;
  const own = Object.hasOwn(sessionQuotas, session) ? sessionQuotas[session]?.[name] : undefined;
  return own ?? quotasPerSession[name] ?? 0;
}
