import { setImmediate } from 'node:timers/promises';
import type { ReadyWhen } from '../../api/options.ts';
import type { ProcessEntry, Snapshot } from '../../processes/processSource.ts';
import { bornSince, RunTree, type RunTarget, type ProcessTable } from '../../processes/runTree.ts';
import {
  heldSockets,
  isLocalHost,
  listeners,
  servingListeners,
  type Contact,
  type Listener,
} from '../../processes/sockets.ts';
import { connectTo } from './connections.ts';

/** In a list of sockets: one that answers but that the system does not show. */
const unseen = 'unseen';

/** Maximum number of characters shown of a command line. */
const shownCharacters = 100;

/** Windows itself retries a closed port after 500 ms; an open port on this machine answers within a few milliseconds. */
const atOnceMs = 400;

/** A process may not show for a moment whose it is. */
const enoughScans = 2;
const own = Infinity;

/** Yield to other work after this many processes. */
const yieldEvery = 50;

/**
 * The sockets that listen on the port of a readyWhen before the run is spawned, so they are not the run's. Null without
 * such a port, or where the system does not tell; then `probeBefore` finds out.
 */
export function socketsBefore(readyWhen: ReadyWhen | undefined): string[] | null {
  const target = readyWhen && serverOf(readyWhen);
  const found = target && isLocalHost(target.host) ? listeners(target.port) : undefined;
  return found?.map(({ inode }) => inode) ?? null;
}

/** Null if the readyWhen names no server. */
export function serverOf(readyWhen: ReadyWhen): { host: string; port: number } | null {
  if ('port' in readyWhen) return readyWhen;
  if (!('url' in readyWhen)) return null;
  const { hostname, port, protocol } = new URL(readyWhen.url);
  return { host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

interface PortClaimDeps {
  table: ProcessTable;
  target: RunTarget;
  /** As stored with the run: see {@link socketsBefore}. */
  before: readonly string[] | null;
  /** Called when they have changed. */
  onBefore: (before: string[]) => void;
}

/** Of connections: those to listeners of the run, and whose the others are; empty where there are none. */
export interface Verdict {
  own: Contact[];
  obstacle: string;
}

/**
 * Tells whether the listener that answers on a port is the run's. A listener of its tree is; so is an unknown one that came
 * after the start (a container's port is held by a system process). One that was there before is not, nor is one of
 * another job.
 */
export function portClaim({ table, target, before: stored, onBefore }: PortClaimDeps) {
  const tree = new RunTree(table, target);
  const foreign = new Map<string, string>();
  /** How often the owner of each listener was looked for. */
  const scans = new Map<string, number>();
  let before = stored;

  /**
   * Called as soon as the run is spawned. Where the system does not tell which process listens, a listener that answers at
   * once was there before the run.
   */
  async function probeBefore({ host, port }: { host: string; port: number }): Promise<void> {
    if (before !== null) return;
    const contacts = await connectTo(host, port, AbortSignal.timeout(atOnceMs));
    setBefore(contacts.flatMap(socketsOf));
  }

  /** @param contacts all that answered this probe */
  async function judge(contacts: readonly Contact[]): Promise<Verdict> {
    const found = contacts.map((contact) => ({ contact, sockets: socketsOf(contact) }));
    // A listener that the system does not show was there before and has been closed: the next one is a different one.
    if (before?.includes(unseen) && !found.some(({ sockets }) => sockets.includes(unseen))) {
      setBefore(before.filter((one) => one !== unseen));
    }
    const verdict: Verdict = { own: [], obstacle: '' };
    for (const { contact, sockets } of found) {
      const obstacle = await obstacleAt(contact.port, sockets);
      if (obstacle === null) verdict.own.push(contact);
      else verdict.obstacle ||= obstacle;
    }
    return verdict;
  }

  /** The listeners of the run's tree, oldest first. None where the system does not tell. */
  async function ownListeners(): Promise<Listener[]> {
    const found = listeners() ?? [];
    const unknown = found.map(({ inode }) => inode).filter((inode) => (scans.get(inode) ?? 0) < enoughScans);
    // Without a new one nobody has to look for the processes.
    if (unknown.length > 0) {
      const { members } = await tree.scan();
      const held = new Set(members.flatMap(({ pid }) => heldSockets(pid, unknown)));
      for (const inode of unknown) scans.set(inode, held.has(inode) ? own : (scans.get(inode) ?? 0) + 1);
    }
    return found.filter(({ inode }) => scans.get(inode) === own);
  }

  function setBefore(sockets: string[]): void {
    before = sockets;
    onBefore(sockets);
  }

  async function obstacleAt(port: number, sockets: readonly string[]): Promise<string | null> {
    const key = sockets.join();
    const isOld = before && sockets.every((socket) => before?.includes(socket));
    if (key === unseen) return isOld ? `port ${port} was open before this run` : null;
    const known = foreign.get(key);
    if (known !== undefined) return known;
    const owner = await foreignOwner(sockets, isOld);
    if (owner === null) return null;
    const obstacle = `port ${port} is not the job's: ${owner}`;
    foreign.set(key, obstacle);
    return obstacle;
  }

  /** Null if the listener is the run's or may be. */
  async function foreignOwner(sockets: readonly string[], isOld: boolean | null): Promise<string | null> {
    const snapshot = await table.scan(0);
    const { members } = tree.claim(snapshot);
    if (members.some(({ pid }) => heldSockets(pid, sockets).length > 0)) return null;
    const holder = await findHolder(snapshot, sockets);
    const runId = holder && snapshot.evidenceOf(holder)?.runId;
    const who = holder ? `process ${holder.pid} (${shortCommand(table, holder)})` : 'a process of another user';
    if (isOld ?? (holder && Number(holder.startTime) < bornSince(target)))
      return `${who} has had it since before this run`;
    return runId !== undefined && runId !== target.runId ? `${who} of job ${runId.slice(0, 8)} has it` : null;
  }

  return { probeBefore, judge, ownListeners };
}

export type PortClaim = ReturnType<typeof portClaim>;

function shortCommand(table: ProcessTable, process: ProcessEntry): string {
  return table.commandOf(process).replace(/\s+/g, ' ').slice(0, shownCharacters);
}

/** Inodes, where the system shows them. */
function socketsOf(contact: Contact): string[] {
  const serving = servingListeners((contact.isLocal && listeners(contact.port)) || [], contact);
  return serving.length > 0 ? serving.map(({ inode }) => inode) : [unseen];
}

async function findHolder(snapshot: Snapshot, sockets: readonly string[]): Promise<ProcessEntry | undefined> {
  for (const [index, process] of snapshot.live.entries()) {
    if (index % yieldEvery === yieldEvery - 1) await setImmediate();
    if (heldSockets(process.pid, sockets).length > 0) return process;
  }
  return undefined;
}
