import type { Command } from 'commander';
import { jobStatuses, statusGroups } from '../../api/values.ts';
import { definedOnly, usageError } from '../base/context.ts';
import { offering, sessionOption } from './offer.ts';

/** The statuses and groups of statuses that a list of jobs can be limited to. */
export const listedStates = [...Object.keys(statusGroups), ...jobStatuses];

/** What selects several jobs, in place of their ids. */
export interface SelectionOptions {
  session?: string | undefined;
  tag?: string | undefined;
  status?: string | undefined;
  query?: string | undefined;
}

/** @param jobs what is selected: `stop all jobs` */
export function addSelection(verb: Command, jobs: string): void {
  verb
    .addOption(sessionOption(`${jobs} of this session`))
    .option('--tag <key[=value]>', `${jobs} with this tag`)
    .addOption(offering({ list: listedStates }, '--status <status,...>', `${jobs} with these statuses`))
    .option('--query <text>', `${jobs} that match a query, as in \`bgjobs list\``);
}

/**
 * @returns the fields of a request, or nothing where ids are given
 * @throws BgJobsError if neither or both are given
 */
export function selectionOf(ids: readonly string[], { session, tag, status, query }: SelectionOptions) {
  const selected = definedOnly({ session, tag, status, q: query });
  const isSelected = Object.keys(selected).length > 0;
  if (isSelected !== ids.length > 0) return isSelected ? selected : undefined;
  throw usageError('specify ids, or one or more of --session, --tag, --status and --query');
}
