import { setImmediate } from 'node:timers/promises';
import type { ReadyWhen } from '../../api/options.ts';
import type { ProcessEntry } from '../../processes/processSource.ts';
import type { ProcessTable, Snapshot } from '../../processes/snapshot.ts';
import { RunTree, type RunTarget } from '../../processes/runTree.ts';
import {
  isLocalHost,
  type Contact,
  holdsSocket,
  listenersOn,
  servingListeners,
  addressesOf,
  contactOf,
} from '../../processes/sockets.ts';
import { connect } from 'node:net';

/** In a list of sockets: one that answers but that the system does not show. */
const unseen = 'unseen';

/** Maximum number of characters shown of a command line. */
const shownCharacters = 100;

/** Windows itself retries a closed port after 500 ms; an open port on this machine answers within a few milliseconds. */
const atOnceMs = 400;

/** Yield to other work after this many processes. */
const yieldEvery = 50;

/**
 * The sockets that listen on the port of a readyWhen before the run is spawned, so they are not the run's. Null if there is
 * no such port, or the system does not tell; then {@link PortClaim.probeBefore} finds out.
 */
export function socketsBefore(readyWhen: ReadyWhen | undefined): string[] | null {
  const target = readyWhen && serverOf(readyWhen);
  const listeners = target && isLocalHost(target.host) ? listenersOn(target.port) : undefined;
  return listeners?.map(({ inode }) => inode) ?? null;
}

/** Null if the readyWhen names no server. */
export function serverOf(readyWhen: ReadyWhen): { host: string; port: number } | null {
  if ('port' in readyWhen) return readyWhen;
  if (!('url' in readyWhen)) return null;
  const { hostname, port, protocol } = new URL(readyWhen.url);
  return { host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

export interface PortClaimDeps {
  table: ProcessTable;
  target: RunTarget;
  /** As stored with the run: see {@link socketsBefore}. */
  before: readonly string[] | null;
  /** Called when they have changed. */
  onBefore: (before: string[]) => void;
  /** Called when something answers that is not the run's, and again only when the reason changes. */
  onObstacle: (text: string) => void;
}

/**
 * Tells whether the listener that answers on a port is the run's. A listener of its tree is; so is an unknown one that came
 * after the start (a container's port is held by a system process). One that was there before is not, nor is one of
 * another job.
 */
export class PortClaim {
  readonly #deps: PortClaimDeps;
  readonly #tree: RunTree;
  readonly #foreign = new Map<string, string>();
  #before: readonly string[] | null;
  #obstacle = '';

  constructor(deps: PortClaimDeps) {
    this.#deps = deps;
    this.#tree = new RunTree(deps.table, deps.target);
    this.#before = deps.before;
  }

  /**
   * Called as soon as the run is spawned. Where the system does not tell which process listens, a listener that answers at
   * once was there before the run.
   */
  async probeBefore({ host, port }: { host: string; port: number }): Promise<void> {
    if (this.#before !== null) return;
    const contacts = await connectTo(host, port, AbortSignal.timeout(atOnceMs));
    this.#setBefore(contacts.flatMap(socketsOf));
  }

  /** @param contacts all that answered this probe */
  async covers(contacts: readonly Contact[]): Promise<boolean> {
    const sockets = contacts.map(socketsOf);
    this.#learn(sockets.flat());
    let obstacle = '';
    for (const [index, contact] of contacts.entries()) {
      const found = await this.#obstacleAt(contact, sockets[index] ?? []);
      if (found === null) return true;
      obstacle ||= found;
    }
    if (obstacle !== '' && obstacle !== this.#obstacle) this.#deps.onObstacle(obstacle);
    this.#obstacle = obstacle;
    return false;
  }

  #learn(sockets: string[]): void {
    // A listener that the system does not show was there before and has been closed: the next one is a different one.
    const isClosed = this.#before?.includes(unseen) && !sockets.includes(unseen);
    if (isClosed) this.#setBefore(this.#before?.filter((one) => one !== unseen) ?? []);
  }

  #setBefore(before: string[]): void {
    this.#before = before;
    this.#deps.onBefore(before);
  }

  async #obstacleAt({ port }: Contact, sockets: readonly string[]): Promise<string | null> {
    const key = sockets.join();
    const isOld = sockets.every((socket) => this.#before?.includes(socket));
    if (key === unseen) return isOld ? `port ${port} was open before this run` : null;
    const known = this.#foreign.get(key);
    if (known !== undefined) return known;
    const text = await this.#foreignOwner(sockets, isOld);
    if (text === null) return null;
    const obstacle = `port ${port} is not the job's: ${text}`;
    this.#foreign.set(key, obstacle);
    return obstacle;
  }

  /** The foreign owner; null if the listener is the run's or may be. */
  async #foreignOwner(sockets: readonly string[], isOld: boolean): Promise<string | null> {
    const { table, target } = this.#deps;
    const snapshot = await table.scan(0);
    const { members } = this.#tree.claim(snapshot);
    if (members.some(({ pid }) => holdsSocket(pid, sockets))) return null;
    const holder = await findHolder(snapshot, sockets);
    const runId = holder && snapshot.evidenceOf(holder)?.runId;
    const who = holder ? `process ${holder.pid} (${shortCommand(table, holder)})` : 'a process of another user';
    if (isOld) return `${who} has had it since before this run`;
    return runId !== undefined && runId !== target.runId ? `${who} of job ${runId.slice(0, 8)} has it` : null;
  }
}

function shortCommand(table: ProcessTable, process: ProcessEntry): string {
  return table.commandOf(process).replace(/\s+/g, ' ').slice(0, shownCharacters);
}

/** Inodes, where the system shows them. */
function socketsOf(contact: Contact): string[] {
  const listeners = contact.isLocal ? listenersOn(contact.port) : undefined;
  const serving = servingListeners(listeners ?? [], contact);
  return serving.length > 0 ? serving.map(({ inode }) => inode) : [unseen];
}

async function findHolder(snapshot: Snapshot, sockets: readonly string[]): Promise<ProcessEntry | undefined> {
  for (const [index, process] of snapshot.live.entries()) {
    if (index % yieldEvery === yieldEvery - 1) await setImmediate();
    if (holdsSocket(process.pid, sockets)) return process;
  }
  return undefined;
}

/** How long one attempt may take (milliseconds). */
const tryMs = 2000;

/** Connects to a port on all addresses of a host, and disconnects. @returns the connections that succeeded */
export async function connectTo(host: string, port: number, abort: AbortSignal): Promise<Contact[]> {
  const contacts = await Promise.all(addressesOf(host).map((address) => tryConnect(address, port, abort)));
  return contacts.filter((contact) => contact !== undefined);
}

function tryConnect(host: string, port: number, abort: AbortSignal): Promise<Contact | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (contact?: Contact): void => {
      abort.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(contact);
    };
    const giveUp = (): void => end();
    abort.addEventListener('abort', giveUp);
    socket.setTimeout(tryMs, giveUp);
    socket.on('error', giveUp);
    socket.on('connect', () => end(contactOf(socket)));
  });
}
