import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { jobSigns } from '../../api/values.ts';
import { jobTitle, oneLine } from '../../text/grammar.ts';
import { offerOf, type Offer, type OfferedJobs } from '../options/offer.ts';
import type { Place } from './cursor.ts';

/** How the word at the cursor can go on. */
export type Reply =
  | { readonly kind: 'values'; readonly values: readonly Candidate[] }
  | { readonly kind: 'files' | 'folders' }
  /** As the rest of the line, from this word on, would go on without us. */
  | { readonly kind: 'program'; readonly at: number };

export interface Candidate {
  /** All of the word. */
  readonly value: string;
  /** Empty for none. */
  readonly description: string;
}

/** How many jobs are looked at, the newest first: the answer is there before somebody notices that it was asked for. */
const mostJobs = 100;

/** @param connect is called only if the host knows the answer */
export async function candidates(place: Place, current: string, connect: () => Promise<JobService>): Promise<Reply> {
  switch (place.is) {
    case 'program':
      return { kind: 'program', at: place.at };
    case 'verb':
      return values(verbsOf(place.of), current);
    case 'option':
      return values(optionsOf(place.of), current);
    case 'value': {
      const { before } = place;
      const typed = current.slice(before.length);
      const offer = offerOf(place.of);
      if (offer === 'files' || offer === 'folders') return { kind: offer };
      const offered = offer === undefined || offer === 'program' ? [] : await offeredBy(offer, typed, connect);
      return { kind: 'values', values: offered.map((one) => ({ ...one, value: before + one.value })) };
    }
    case 'unknown':
      return values([], current);
  }
}

function values(all: readonly Candidate[], typed: string): Reply {
  return { kind: 'values', values: beginning(all, typed) };
}

function beginning(all: readonly Candidate[], typed: string): readonly Candidate[] {
  return all.filter(({ value }) => value.startsWith(typed));
}

function verbsOf(command: Command): Candidate[] {
  const verbs = command.createHelp().visibleCommands(command);
  return verbs.map((verb) => ({ value: verb.name(), description: verb.summary() || verb.description() }));
}

function optionsOf(command: Command): Candidate[] {
  const options = command.createHelp().visibleOptions(command);
  return options.map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));
}

async function offeredBy(
  offer: Exclude<Offer, string> | 'names' | 'sessions',
  typed: string,
  connect: () => Promise<JobService>,
): Promise<readonly Candidate[]> {
  if (offer === 'sessions') {
    const { bySession } = await (await connect()).getMetrics();
    return beginning(Object.keys(bySession).map(plain), typed);
  }
  if (offer === 'names') {
    const jobs = await jobsFor(connect, {});
    const names = new Set(jobs.flatMap(({ name }) => name ?? []));
    return beginning([...names].map(plain), typed);
  }
  if ('jobs' in offer) return jobsOffered(offer, typed, connect);
  if ('list' in offer) {
    const start = typed.lastIndexOf(',') + 1;
    return beginning(
      offer.list.map((text) => plain(typed.slice(0, start) + text)),
      typed,
    );
  }
  return beginning(offer.map(plain), typed);
}

function plain(value: string): Candidate {
  return { value, description: '' };
}

async function jobsFor(connect: () => Promise<JobService>, { status, where }: OfferedJobs): Promise<Job[]> {
  const { jobs } = await (await connect()).listJobs({ status, limit: mostJobs });
  return where ? jobs.filter(where) : jobs;
}

/** By id, or by name where the beginning of a name is typed. */
async function jobsOffered(
  { jobs: wanted, then = [] }: Extract<Offer, { jobs: unknown }>,
  typed: string,
  connect: () => Promise<JobService>,
): Promise<readonly Candidate[]> {
  const colon = typed.indexOf(':') + 1;
  const rest = colon > 0 ? then.map((text) => plain(typed.slice(0, colon) + text)) : [];
  const jobs = colon > 0 && /^[\da-f-]+:/i.test(typed) ? [] : await jobsFor(connect, wanted);
  const found = jobs.flatMap((job) => jobCandidate(job, typed) ?? []);
  const signs = typed.startsWith('@') ? beginning(Object.values(jobSigns).map(plain), typed) : [];
  return [...new Map([...beginning(rest, typed), ...signs, ...found].map((one) => [one.value, one])).values()];
}

function jobCandidate(job: Job, typed: string): Candidate | undefined {
  const { id, shortId, name } = job;
  const description = `${job.status}  ${oneLine(jobTitle(job))}`;
  if (id.startsWith(typed.toLowerCase())) {
    return { value: typed.length > shortId.length && id.startsWith(typed) ? id : shortId, description };
  }
  return name?.startsWith(typed) ? { value: name, description } : undefined;
}
