import type { Remote } from '../api/remote.ts';
import { oneLine } from './grammar.ts';

/** Why a job waits in Slurm, by Slurm's own word for it (squeue(1), "JOB REASON CODES"). */
const reasons: Readonly<Record<string, string>> = {
  Priority: 'jobs with a higher priority come first',
  Resources: 'waits until enough of the cluster is free',
  Dependency: 'waits for other jobs of Slurm',
  DependencyNeverSatisfied: 'waits for a job of Slurm that has failed',
  BeginTime: 'waits for its start time',
  JobHeldUser: 'held until it is released',
  JobHeldAdmin: 'held by an administrator of the cluster',
  JobArrayTaskLimit: 'as many tasks of its array run as may',
  Reservation: 'waits for its reservation',
  Licenses: 'waits for a license',
  PartitionDown: 'its partition starts no jobs now',
  PartitionInactive: 'its partition is not active',
  PartitionNodeLimit: 'it asks for more nodes than its partition allows',
  PartitionTimeLimit: 'its time limit is longer than its partition allows',
  PartitionConfig: 'no node of its partition can give what it asks for',
  BadConstraints: 'no node can give what it asks for',
  ReqNodeNotAvail: 'a node that it needs is not available',
  NodeDown: 'a node that it needs is down',
  InvalidAccount: 'its account is not valid',
  InvalidQOS: 'its quality of service is not valid',
  None: 'waits for its turn',
  '': 'waits for its turn',
};

function reasonText(code: string): string | undefined {
  const known = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (known !== undefined) return known;
  if (/^(QOS|Assoc|Max|Association)/.test(code)) return 'a limit of its account or quality of service is reached';
  return /requeued.held/.test(code) ? 'held because its start has failed' : undefined;
}

/** Why a run that was handed over to Slurm has not begun, for example `waits until enough of the cluster is free (Resources)`. */
export function slurmWaitText({
  id,
  state,
  reason,
  silentSince,
}: Pick<Remote, 'id' | 'state' | 'reason' | 'silentSince'>): string {
  if (silentSince !== null) return silenceText(silentSince);
  if (id === null) return 'is being handed over to Slurm';
  if (state === 'CONFIGURING') return 'in Slurm: its nodes are being prepared';
  const code = oneLine(reason ?? '').replace(/^\(|\)$/g, '');
  // What follows a comma names nodes.
  const text = reasonText(code.split(',')[0] ?? '');
  if (text === undefined) return `in the queue of Slurm: ${code}`;
  return `in the queue of Slurm: ${text}${code === '' || code === 'None' ? '' : ` (${code})`}`;
}

/** @param since a time as the API has it */
function silenceText(since: string): string {
  return `the controller of Slurm does not answer since ${since}`;
}
