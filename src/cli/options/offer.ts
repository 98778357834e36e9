import { Argument, Option } from 'commander';
import type { Job } from '../../api/job.ts';
import type { Parser } from './parse.ts';

/** What completion in a shell offers for a value, besides the choices that commander knows. */
export type Offer =
  | readonly string[]
  /** Some of these, separated by commas. */
  | { readonly list: readonly string[] }
  /** Jobs, and after an id and a colon one of the texts. */
  | { readonly jobs: OfferedJobs; readonly then?: readonly string[] }
  | 'names'
  | 'sessions'
  | 'files'
  | 'folders'
  /** A program and its arguments, which the shell completes as it does without us. */
  | 'program';

export interface OfferedJobs {
  /** As in `list --status`. Left out: all jobs. */
  readonly status?: string;
  readonly where?: (job: Job) => boolean;
}

/** An option for whose values completion offers something. */
export function offering(offer: Offer, flags: string, description: string, parse?: Parser): Option {
  const option = new Option(flags, description);
  if (parse) option.argParser(parse);
  return withOffer(option, offer);
}

export function sessionOption(description: string): Option {
  return offering('sessions', '--session <name>', description);
}

/** @param name `<id>`, `<id...>` or `[id...]` @param jobs those for which the verb does something */
export function jobArgument(name: string, jobs: OfferedJobs = {}): Argument {
  const help = name.includes('...')
    ? 'ids of jobs, unique prefixes of them, or names; @last, @failed; ID:7 is a task of an array'
    : 'id of a job, a unique prefix of it, or its name; @last, @failed; ID:7 is a task of an array';
  return withOffer(new Argument(name, help), { jobs });
}

export function withOffer<Of extends Argument | Option>(of: Of, offer: Offer): Of & { offer: Offer } {
  return Object.assign(of, { offer });
}

export function offerOf(of: Argument | Option): Offer | undefined {
  return of.argChoices ?? (of as Partial<ReturnType<typeof withOffer>>).offer;
}
