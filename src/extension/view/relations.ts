import type { Job } from '../../api/job.ts';
import type { DependencyCondition } from '../../api/options.ts';
import type { JobModel } from '../model/jobModel.ts';
import { jobTitle, statusWord, type Localize } from '../base/jobWords.ts';
import { shortId } from './waitingWords.ts';

/** The jobs that a job has to do with, as far as they are known. */
export interface Relations {
  /** By id. */
  known: ReadonlyMap<string, Job>;
  /** Those that wait for it. */
  dependents: readonly Job[];
}

/** So many are asked for that this window has not loaded. */
const askedFor = 20;

/** @param look asks the host, if there is one, for a job */
export async function relationsOf(
  job: Job,
  model: JobModel,
  look: (id: string) => Promise<Job> | undefined,
): Promise<Relations> {
  const holder = job.waitingFor?.type === 'mutex' ? job.waitingFor.jobId : null;
  const ids = [...job.dependsOn.map((dependency) => dependency.job), job.schedule, holder].filter((id) => id !== null);
  const unknown = ids.filter((id) => !model.job(id)).slice(0, askedFor);
  const asked = await Promise.all(unknown.map(async (id) => look(id)?.catch(() => undefined)));
  const jobs = [...ids.map((id) => model.job(id)), ...asked].filter((one) => one !== undefined);
  return { known: new Map(jobs.map((one) => [one.id, one])), dependents: model.dependentsOf(job.id) };
}

/** For example `build (running) to succeed`. */
export function dependencyWords({ dependsOn }: Job, { known }: Relations, t: Localize): string {
  const words = dependsOn.map(({ job: id, condition }) => {
    const job = known.get(id);
    return job
      ? t('{0} ({1}) {2}', jobTitle(job), statusWord(job.status, t), conditionWords(condition, t))
      : [shortId(id), conditionWords(condition, t)].join(' ');
  });
  return words.join(', ');
}

export function dependentWords({ dependents }: Relations): string {
  return dependents.map(jobTitle).join(', ');
}

export function conditionWords(condition: DependencyCondition, t: Localize): string {
  switch (condition) {
    case 'succeeded':
      return t('to succeed');
    case 'finished':
      return t('to end');
    case 'started':
      return t('to start');
    case 'ready':
      return t('to be ready');
  }
}
