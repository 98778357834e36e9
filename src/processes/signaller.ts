import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../api/errors.ts';
import { keyOf, type ProcessEntry } from './processSource.ts';
import { RunTree, type RunTarget } from './runTree.ts';
import type { ProcessTable, TreeScan } from './snapshot.ts';

/** Sends signals to a run's processes and remembers those that the system does not let us signal (EPERM). */
export class Signaller {
  readonly #table: ProcessTable;
  readonly #denied = new Set<string>();

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  isDenied(process: ProcessEntry): boolean {
    return this.#denied.has(keyOf(process));
  }

  sendEach(processes: readonly ProcessEntry[], signal: NodeJS.Signals): void {
    for (const process of processes) this.#send(process, signal);
  }

  /**
   * Each process gets the signal once, through its group if that consists only of the run's processes: one that is just
   * forking would escape a signal by pid. The supervisor is in its own group, so this is for signals that it and its
   * keepers ignore, and for SIGSTOP, after which they are continued at once.
   */
  sendByGroup(scan: TreeScan, processes: readonly ProcessEntry[], signal: NodeJS.Signals): void {
    for (const [pgid, group] of Map.groupBy(processes, (process) => process.pgid)) {
      const isDone = scan.ownsGroup(pgid) && group.some((one) => this.#table.signalGroup(one, signal) === 'delivered');
      if (pgid === scan.supervisor?.pgid && signal === 'SIGSTOP') this.continueSupervisor(scan);
      // A group accepts the signal if one of its processes may be signalled; signal 0 finds those that may not.
      for (const process of group) this.#send(process, isDone ? 0 : signal);
    }
  }

  /** A supervisor that is left stopped would never record how its command ended. */
  continueSupervisor({ supervisor, keepers }: TreeScan): void {
    if (supervisor) this.sendEach([supervisor, ...keepers], 'SIGCONT');
  }

  #send(process: ProcessEntry, signal: NodeJS.Signals | 0): void {
    if (this.#table.signal(process, signal) === 'denied') this.#denied.add(keyOf(process));
  }
}

/**
 * Sends SIGSTOP until a scan finds no process that was not sent it: frozen processes can neither fork nor restart what is
 * killed.
 * @param until `sent`: SIGSTOP was sent to all, which is enough to end all forking; `stopped`: all have obeyed, too
 * @param limitMs upper bound, for processes that ignore SIGSTOP or keep forking
 * @returns the last scan
 */
export async function freeze(
  tree: { scan(): Promise<TreeScan> },
  signaller: Signaller,
  until: 'sent' | 'stopped',
  limitMs: number,
): Promise<TreeScan> {
  const deadline = performance.now() + limitMs;
  const sent = new Set<string>();
  for (;;) {
    const scan = await tree.scan();
    const moving = scan.members.filter((process) => process.state !== 'stopped' && !signaller.isDenied(process));
    const fresh = until === 'stopped' ? moving : moving.filter((process) => !sent.has(keyOf(process)));
    if (fresh.length === 0) return scan;
    signaller.sendByGroup(scan, fresh, 'SIGSTOP');
    if (performance.now() >= deadline) return scan;
    // After vfork(2) a parent cannot stop before its child has loaded a program: a child that stopped earlier is continued.
    const late = new Set(fresh.filter((process) => sent.has(keyOf(process))).map(({ pid }) => pid));
    const early = scan.members.filter(({ state, ppid }) => state === 'stopped' && late.has(ppid));
    signaller.sendEach(early, 'SIGCONT');
    for (const process of fresh) sent.add(keyOf(process));
    if (until === 'stopped') await sleep(2);
    else await setImmediate();
  }
}

/** How long processes may take to obey SIGSTOP: one in an uninterruptible wait obeys when that is over. */
const pauseMs = 5000;

/** Delivers a signal once to each of the command's processes, but not to the supervisor and its FIFO keepers. */
export async function signalTree(table: ProcessTable, target: RunTarget, signal: NodeJS.Signals): Promise<void> {
  const { members } = await new RunTree(table, target).scan();
  new Signaller(table).sendEach(members, signal);
}

/**
 * Pauses the command's processes, also those that are being started meanwhile.
 * @throws BgJobsError `invalid_request` on Windows, which cannot do that
 */
export async function pauseTree(table: ProcessTable, target: RunTarget): Promise<void> {
  requirePause(table);
  await freeze(new RunTree(table, target), new Signaller(table), 'stopped', pauseMs);
}

/** @throws BgJobsError as {@link pauseTree} */
export async function resumeTree(table: ProcessTable, target: RunTarget): Promise<void> {
  requirePause(table);
  await signalTree(table, target, 'SIGCONT');
}

function requirePause(table: ProcessTable): void {
  if (!table.canPause) throw new BgJobsError('invalid_request', 'This platform cannot pause processes.');
}
