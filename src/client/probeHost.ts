import type { Agent } from 'node:http';
import { dirname } from 'node:path';
import { readHostRecord, type HostRecord } from '../dataDir/hostRecord.ts';
import { isPrivateFolder } from '../dataDir/privateFolder.ts';
import { protocolVersion } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import { exchange, isConnectionError } from './exchange.ts';

/** How long a living host may take to say that it lives. */
const patienceMs = 10_000;

/** What there is at the address that host.json gives. */
export type Probe =
  | { readonly state: 'absent' }
  | { readonly state: 'ready'; readonly host: HostRecord }
  /** Its software is older than ours: it should leave, ours takes over. */
  | { readonly state: 'older'; readonly host: HostRecord };

/**
 * @param version ours
 * @throws BgJobsError `host_unreachable`: a host is there but hangs, or speaks a protocol that we do not know
 */
export async function probeHost(recordPath: string, version: string, agent: Agent): Promise<Probe> {
  const host = readHostRecord(recordPath);
  // In a folder that others can write to, something else could listen and would be told the token.
  if (!host || (!host.endpoint.startsWith('\\\\') && !isPrivateFolder(dirname(host.endpoint), process.getuid?.())))
    return { state: 'absent' };
  if (!(await lives(host, agent))) return { state: 'absent' };
  if (host.protocol > protocolVersion) {
    throw new BgJobsError(
      'host_unreachable',
      `The running job host (version ${host.version}) is newer than this software (version ${version}). ` +
        'Update this software; running jobs are not affected.',
    );
  }
  const isOlder = host.protocol < protocolVersion || compareVersions(host.version, version) < 0;
  return { state: isOlder ? 'older' : 'ready', host };
}

async function lives(host: HostRecord, agent: Agent): Promise<boolean> {
  try {
    const question = { method: 'GET', path: '/v1/host', signal: AbortSignal.timeout(patienceMs) } as const;
    const answer = await exchange(host, agent, question);
    answer.resume();
    return true;
  } catch (error) {
    if ((error as Error).name === 'AbortError') {
      const message = `The job host (process ${host.pid}) does not answer. End that process and try again: running jobs run on.`;
      throw new BgJobsError('host_unreachable', message, { pid: host.pid });
    }
    // It has gone, is leaving, or a new one listens there already and is about to write its own record.
    const passing = error instanceof BgJobsError && (error.code === 'unauthorized' || error.code === 'host_stopping');
    if (passing || isConnectionError(error)) return false;
    throw error;
  }
}

/** @returns below 0 when `a` is the older one. What comes behind the three numbers is not looked at. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.+-]/).slice(0, 3).map(Number));
  const difference = left!.map((number, index) => number - (right![index] ?? 0)).find((each) => each !== 0);
  return difference ?? 0;
}
