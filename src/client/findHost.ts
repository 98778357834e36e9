import type { Agent } from 'node:http';
import { basename } from 'node:path';
import { failurePrefix, homeFiles, type HostRecord } from '../dataDir/dataDir.ts';
import { endpoints, protocolVersion } from '../api/endpoints.ts';
import { BgJobsError, diskFull } from '../api/errors.ts';
import { shortageOf } from '../disk/space.ts';
import { exchange } from './exchange.ts';
import { isOlder, readPrivateRecord } from './hostRecord.ts';
import { isConnectionError } from './question.ts';
import { HomeWatch } from './homeWatch.ts';
import type { HostCommand, StartedHost } from './startHost.ts';

export interface FindOptions extends HostCommand {
  /** Version of this software. */
  readonly version: string;
  /** Start a host when there is none, and replace an older one. */
  readonly start: boolean;
  readonly startTimeoutMs: number;
}

/** A host that is killed while it starts is started again, up to this number of times. */
const maxStarts = 3;
/** Changes of host.json are noticed at once; this interval is for changes that the watcher missed. */
const lookAgainMs = 50;
/** How long another host, for which ours gave way, may take to write its host.json. */
const otherHostMs = 2000;

/**
 * Finds the running host of a data directory, or starts one. Any number of clients may do so at once: one host gets the
 * lock, and the others give way.
 * @throws BgJobsError `host_unreachable` with the reason and what to do, `disk_full`
 */
export async function findHost(options: FindOptions, agent: Agent): Promise<HostRecord> {
  const { home, version, start, startTimeoutMs } = options;
  const find = (): Promise<Probe> => probeHost(homeFiles(home).record, version, agent);
  const deadline = performance.now() + startTimeoutMs;
  for (let starts = 0; starts < maxStarts; starts++) {
    const probe = await find();
    if (probe.state === 'ready') return probe.host;
    if (!start) return usableAsItIs(probe);
    if (probe.state === 'older') await askToLeave(probe.host, agent);
    const { spawnHost } = await import('./startHost.ts');
    const host = await untilServed(spawnHost(options), home, find, deadline);
    if (host) return host;
  }
  throw unreachable(`The job host was started ${maxStarts} times and was killed each time.`);
}

function usableAsItIs(probe: Probe): HostRecord {
  if (probe.state === 'absent')
    throw new BgJobsError('host_unreachable', 'No job host is running.', { running: false });
  if (probe.host.protocol === protocolVersion) return probe.host;
  throw unreachable(`The running job host (version ${probe.host.version}) is too old for this version. Stop it.`);
}

/** It answers before it stops. A host started meanwhile waits until the store is closed. */
async function askToLeave(host: HostRecord, agent: Agent): Promise<void> {
  try {
    (await exchange(host, agent, { ...endpoints.stopHost, body: '{}' })).resume();
  } catch (error) {
    if (!(error instanceof BgJobsError) && !isConnectionError(error)) throw error;
  }
}

/**
 * @returns undefined when the started process has exited and no host serves the data directory: start again
 * @throws BgJobsError `disk_full`, and when it said why it cannot start, or when time is up
 */
async function untilServed(
  { process: child, printed }: StartedHost,
  home: string,
  find: () => Promise<Probe>,
  deadline: number,
): Promise<HostRecord | undefined> {
  const watch = new HomeWatch(home, basename(homeFiles(home).record));
  let failure: string | undefined;
  let goneAt = Infinity;
  const onExit = (code: number | null, signal: string | null): void => {
    goneAt = performance.now();
    if (code !== 0 && signal === null) failure = lastWords(printed()) || `it ended with exit code ${code}`;
    watch.notice();
  };
  const onError = (error: Error): void => {
    failure = error.message;
    watch.notice();
  };
  child.once('exit', onExit);
  child.once('error', onError);
  try {
    for (;;) {
      const probe = await find();
      const isOurs = probe.state !== 'absent' && probe.host.pid === child.pid;
      // A host that we started is right, whatever its version.
      if (probe.state === 'ready' || (isOurs && probe.state === 'older')) {
        // Otherwise ours would take over when the other one stops, although it is not needed.
        if (!isOurs) child.kill();
        return probe.host;
      }
      // On a full disk its words may be lost as well.
      const shortage = failure === undefined ? null : shortageOf(home);
      if (shortage !== null) throw diskFull(...shortage);
      if (failure !== undefined) throw unreachable(`The job host cannot start: ${failure}`);
      const now = performance.now();
      if (now > goneAt + otherHostMs || child.signalCode !== null) return undefined;
      if (now > deadline)
        throw unreachable(`The job host did not start in time. Its output: ${printed() || 'nothing'}`);
      await watch.change(lookAgainMs);
    }
  } finally {
    child.off('exit', onExit);
    child.off('error', onError);
    watch.dispose();
  }
}

/** The line with the reason, among warnings of Node and output of other clients' hosts. */
function lastWords(printed: string): string {
  return (
    printed
      .split('\n')
      .findLast((line) => line.startsWith(failurePrefix))
      ?.slice(failurePrefix.length) ?? printed.slice(-2000)
  );
}

function unreachable(message: string): BgJobsError {
  return new BgJobsError('host_unreachable', message);
}

/** How long a live host may take to answer. */
const answerTimeoutMs = 10_000;

/** What was found at the endpoint in host.json. */
export type Probe =
  | { readonly state: 'absent' }
  | { readonly state: 'ready'; readonly host: HostRecord }
  /** Its software is older than ours: it should stop, and ours takes over. */
  | { readonly state: 'older'; readonly host: HostRecord };

/**
 * @param version ours
 * @throws BgJobsError `host_unreachable`: a host hangs, or speaks a newer protocol
 */
export async function probeHost(recordPath: string, version: string, agent: Agent): Promise<Probe> {
  const host = readPrivateRecord(recordPath);
  if (!host || !(await lives(host, agent))) return { state: 'absent' };
  if (host.protocol > protocolVersion) {
    throw new BgJobsError(
      'host_unreachable',
      `The running job host (version ${host.version}) is newer than this software (version ${version}). ` +
        'Update this software; running jobs are not affected.',
    );
  }
  return { state: isOlder(host, version) ? 'older' : 'ready', host };
}

async function lives(host: HostRecord, agent: Agent): Promise<boolean> {
  try {
    const question = { method: 'GET', path: '/v1/host', signal: AbortSignal.timeout(answerTimeoutMs) } as const;
    const answer = await exchange(host, agent, question);
    answer.resume();
    return true;
  } catch (error) {
    if ((error as Error).name === 'AbortError') {
      const message = `The job host (process ${host.pid}) does not answer. End that process and try again. Running jobs keep running.`;
      throw new BgJobsError('host_unreachable', message, { pid: host.pid });
    }
    // It has gone, is stopping, or a new one already listens there and is about to write its own record.
    const passing = error instanceof BgJobsError && (error.code === 'unauthorized' || error.code === 'host_stopping');
    if (passing || isConnectionError(error)) return false;
    throw error;
  }
}
