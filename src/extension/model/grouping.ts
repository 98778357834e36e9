import type { Job } from '../../api/job.ts';
import { isActive, isFailure, isWaiting } from '../../api/values.ts';
import { filterWord } from './filter.ts';

/** Stands for the list of jobs without a tag. The host has no such filter. */
export const untagged = '@untagged';

/** By what the view groups jobs: by sessions, or in lists of all sessions. */
export const groupings = ['session', 'state', 'tag'] as const;
export type Grouping = (typeof groupings)[number];

/** The lists by state, as filters, in their order. */
export const stateLists = ['@failed', '@running', '@waiting', '@succeeded', '@stopped'] as const;

/** The first list that has the job, as the filter of that list; undefined where jobs are shown by session. */
export function listOf(job: Pick<Job, 'status' | 'tags'>, grouping: Grouping): string | undefined {
  if (grouping === 'session') return undefined;
  if (grouping === 'tag') return tagLists([job])[0] ?? untagged;
  const { status } = job;
  if (isFailure(status)) return '@failed';
  if (isActive(status)) return '@running';
  if (isWaiting(status)) return '@waiting';
  return status === 'completed' ? '@succeeded' : '@stopped';
}

/** The lists of all tags of these jobs, in alphabetical order. */
export function tagLists(jobs: readonly Pick<Job, 'tags'>[]): string[] {
  const all = jobs.flatMap(({ tags }) => Object.entries(tags).map(([key, value]) => `${key}=${value}`));
  return [...new Set(all)].sort().map((tag) => filterWord('tag', tag));
}
