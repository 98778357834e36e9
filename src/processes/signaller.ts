import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { keyOf, type ProcessEntry } from './processIdentity.ts';
import type { ProcessTable } from './processTable.ts';
import type { RunTree, TreeScan } from './runTree.ts';

/** Sends signals to a run's processes and remembers whom the system does not let us signal (EPERM). */
export class Courier {
  readonly #table: ProcessTable;
  readonly #denied = new Set<string>();

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  isDenied(process: ProcessEntry): boolean {
    return this.#denied.has(keyOf(process));
  }

  /** @returns to how many it was delivered */
  sendEach(processes: readonly ProcessEntry[], signal: NodeJS.Signals): number {
    return processes.filter((process) => this.#send(process, signal)).length;
  }

  /**
   * Each process gets the signal once, by its group where everybody in that is the run's: what is just forking would
   * escape from signals by pid. The supervisor's group is signalled with it in it, so this is for signals that it and
   * its holders ignore, and for SIGSTOP, after which they go on at once.
   */
  sendByGroup(scan: TreeScan, processes: readonly ProcessEntry[], signal: NodeJS.Signals): void {
    for (const [pgid, group] of Map.groupBy(processes, (process) => process.pgid)) {
      const isDone = scan.ownsGroup(pgid) && group.some((one) => this.#table.signalGroup(one, signal) === 'delivered');
      if (pgid === scan.supervisor?.pgid && signal === 'SIGSTOP') this.continueSupervisor(scan);
      // A group takes the signal when one of it may be signalled, and does not say who may not.
      for (const process of group) this.#send(process, isDone ? 0 : signal);
    }
  }

  /** A supervisor that is left stopped would never record how its command ended. */
  continueSupervisor({ supervisor, holders }: TreeScan): void {
    if (supervisor) this.sendEach([supervisor, ...holders], 'SIGCONT');
  }

  #send(process: ProcessEntry, signal: NodeJS.Signals | 0): boolean {
    const delivery = this.#table.signal(process, signal);
    if (delivery === 'denied') this.#denied.add(keyOf(process));
    return delivery === 'delivered';
  }
}

/**
 * Sends SIGSTOP until a scan finds nobody new: what is frozen can neither fork nor start again what is killed.
 * @param until `asked`: everybody has been sent SIGSTOP, which is enough to end all forking; `stopped`: everybody has
 * obeyed, too
 * @param limitMs for those who never obey, or for ever new ones
 * @returns the last scan
 */
export async function freeze(
  tree: RunTree,
  courier: Courier,
  until: 'asked' | 'stopped',
  limitMs: number,
): Promise<TreeScan> {
  const deadline = performance.now() + limitMs;
  const asked = new Set<string>();
  for (;;) {
    const scan = await tree.scan();
    const moving = scan.members.filter((process) => process.state !== 'stopped' && !courier.isDenied(process));
    const fresh = until === 'stopped' ? moving : moving.filter((process) => !asked.has(keyOf(process)));
    if (fresh.length === 0) return scan;
    courier.sendByGroup(scan, fresh, 'SIGSTOP');
    if (performance.now() >= deadline) return scan;
    // After vfork(2) a parent cannot stop before its child has loaded a program: one that stopped earlier goes on to it.
    const late = new Set(fresh.filter((process) => asked.has(keyOf(process))).map(({ pid }) => pid));
    const early = scan.members.filter(({ state, ppid }) => state === 'stopped' && late.has(ppid));
    courier.sendEach(early, 'SIGCONT');
    for (const process of fresh) asked.add(keyOf(process));
    if (until === 'stopped') await sleep(2);
    else await setImmediate();
  }
}
