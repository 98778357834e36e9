import type { Job } from '../../api/job.ts';

/** Jobs that were cancelled because of the same one, directly or by way of each other; by the id of that one. */
export function byCause(cancelled: readonly Job[]): Map<string, Job[]> {
  const jobs = new Map(cancelled.map((job) => [job.id, job]));
  return Map.groupBy(cancelled, (job) => causeOf(job, jobs));
}

function causeOf(job: Job, cancelled: ReadonlyMap<string, Job>): string {
  const seen = new Set<string>();
  for (let one = job; ;) {
    seen.add(one.id);
    // The host's text says what has become of which job.
    const failed = one.dependsOn.find((dependency) => one.reasonText?.includes(dependency.job.slice(0, 8)));
    const cause = failed?.job ?? one.dependsOn[0]?.job ?? one.id;
    const next = cancelled.get(cause);
    if (!next || seen.has(cause)) return cause;
    one = next;
  }
}
