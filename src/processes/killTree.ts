import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../api/errors.ts';
import type { SignalName } from '../api/signals.ts';
import { keyOf, type ProcessEntry } from './processSource.ts';
import { RunTree, type RunTarget, type ProcessTable, type TreeScan } from './runTree.ts';

export interface KillTreeOptions {
  signal: SignalName;
  /** Milliseconds between the signal and SIGKILL. */
  graceMs: number;
  /** Ends the wait: killTree rejects with an AbortError. Signals stay delivered. No effect once SIGKILL has started. */
  abort?: AbortSignal;
}

export interface KillOutcome {
  /** Whether SIGKILL was needed though another signal was requested. */
  escalated: boolean;
  durationMs: number;
  /** Still alive: another user's, or held by the kernel. */
  survivors: Pick<ProcessEntry, 'pid' | 'command'>[];
  /** The number of the command's processes that have ended. */
  ended: number;
}

/** How long a supervisor may take to record the status after its command has ended. */
const recordingMs = 2000;
/** How long the kernel may take to end a process after SIGKILL; one in an uninterruptible wait takes forever. */
const killMs = 10_000;
const freezeMs = 1000;
/** On Windows, where nothing can be frozen: how often processes are ended one by one before all are at once. */
const sparingRounds = 3;

/**
 * Ends all processes of a run and proves it: two scans in a row find none, and the supervisor is gone too. Only the run's
 * processes are signalled: never a reused pid, another boot, this process or its group.
 */
export async function killTree(table: ProcessTable, target: RunTarget, options: KillTreeOptions): Promise<KillOutcome> {
  return new TreeKill(table, target, options).run();
}

class TreeKill {
  readonly #table: ProcessTable;
  readonly #tree: RunTree;
  readonly #signaller: Signaller;
  readonly #options: KillTreeOptions;
  readonly #signalled = new Set<string>();
  /** Since when the supervisor has had nothing left to wait for. */
  #idleSince: number | undefined;
  readonly #target: RunTarget;
  #killRounds = 0;

  constructor(table: ProcessTable, target: RunTarget, options: KillTreeOptions) {
    this.#table = table;
    this.#tree = new RunTree(table, target);
    this.#signaller = new Signaller(table);
    this.#options = options;
    this.#target = target;
  }

  async run(): Promise<KillOutcome> {
    const { signal, graceMs, abort } = this.#options;
    const startedAt = performance.now();
    let end = signal === 'SIGKILL' ? undefined : await this.#until(graceMs, (scan) => this.#ask(scan, signal), abort);
    const escalated = end?.isClear === false;
    if (!end?.isClear) end = await this.#until(killMs, () => this.#kill());
    const { members } = end.scan;
    return {
      escalated,
      durationMs: Math.round(performance.now() - startedAt),
      survivors: [...members, ...idleHelpers(end.scan)].map((process) => ({
        pid: process.pid,
        command: this.#table.commandOf(process),
      })),
      ended: this.#tree.memberCount - members.length,
    };
  }

  /** Scans and acts until two scans in a row are clear, or until the limit, or until acting is of no use (false). */
  async #until(
    limitMs: number,
    act: (scan: TreeScan) => Promise<boolean | void>,
    abort?: AbortSignal,
  ): Promise<{ scan: TreeScan; isClear: boolean }> {
    const deadline = performance.now() + limitMs;
    let clearScans = 0;
    for (let delay = 5; ; delay = Math.min(delay * 1.5, 50)) {
      const begun = performance.now();
      const scan = await this.#tree.scan();
      const scanMs = performance.now() - begun;
      const targets = this.#notDenied(scan.members);
      if (targets.length === 0 && this.#notDenied(idleHelpers(scan)).length === 0) {
        if (++clearScans === 2) return { scan, isClear: true };
        delay = 5;
      } else {
        clearScans = 0;
        this.#tend(scan);
        if (targets.length > 0 && (await act(scan)) === false) return { scan, isClear: false };
        // The grace time is the command's; the supervisor's time is counted from the end of the command.
        const limit = targets.length > 0 ? deadline : (this.#idleSince ?? Infinity) + recordingMs + killMs;
        if (performance.now() >= limit) return { scan, isClear: false };
      }
      // Scans take long with many processes or many kills at once: let them use at most half of one core.
      await sleep(Math.max(delay, scanMs), undefined, abort && { signal: abort });
    }
  }

  #notDenied(processes: readonly ProcessEntry[]): ProcessEntry[] {
    return processes.filter((process) => !this.#signaller.isDenied(process));
  }

  /** Keeps the supervisor running until it has recorded the end, and kills the helpers that it can no longer end. */
  #tend(scan: TreeScan): void {
    const { supervisor } = scan;
    const idle = idleHelpers(scan);
    if (supervisor?.state === 'stopped') this.#signaller.continueSupervisor(scan);
    if (idle.length === 0) this.#idleSince = undefined;
    else this.#idleSince ??= performance.now();
    const isOverdue = this.#idleSince !== undefined && performance.now() - this.#idleSince > recordingMs;
    if (supervisor && !isOverdue) return;
    this.#signaller.sendEach(idle, 'SIGKILL');
  }

  /** The polite part: the signal once to each process, and SIGCONT to stopped ones so that they can exit. */
  async #ask(scan: TreeScan, signal: SignalName): Promise<boolean | void> {
    if (this.#table.interrupt) return this.#interrupt(scan.members);
    const alive = new Set(scan.members.map((process) => process.pid));
    const isFirst = this.#signalled.size === 0;
    const isRoot = (process: ProcessEntry): boolean => !alive.has(process.ppid);
    // A process that a live member has started since then is part of its clean-up and is left alone.
    const addressed = isFirst
      ? scan.members
      : scan.members.filter((process) => !this.#signalled.has(keyOf(process)) && isRoot(process));
    const loading = this.#loading(scan);
    if (isFirst) {
      for (const root of addressed.filter(isRoot)) await this.#table.endTree?.(root.pid);
      this.#signaller.sendByGroup(scan, addressed, signal);
    } else {
      this.#signaller.sendEach(addressed, signal);
    }
    for (const process of scan.members) if (!loading.has(process)) this.#signalled.add(keyOf(process));
    // In every round: another program may stop one again.
    this.#signaller.sendEach(
      scan.members.filter((process) => process.state === 'stopped'),
      'SIGCONT',
    );
  }

  /** Once: what is started meanwhile may be part of the clean-up. @returns false if nobody could be asked */
  #interrupt(members: readonly ProcessEntry[]): boolean {
    const group = this.#target.supervisor?.pid;
    const isFirst = this.#signalled.size === 0;
    if (isFirst && (group === undefined || !this.#table.interrupt?.(members, group))) return false;
    for (const process of members) this.#signalled.add(keyOf(process));
    return true;
  }

  /**
   * Children that the supervisor has forked but that have not loaded their program yet. They may still have the traps of
   * the supervisor, which swallow the signal, so they get it again.
   */
  #loading({ supervisor, members }: TreeScan): Set<ProcessEntry> {
    const fresh = members.filter((process) => process.ppid === supervisor?.pid && !this.#signalled.has(keyOf(process)));
    return new Set(fresh.filter((process) => !this.#table.hasLoaded(process.pid, process.ppid)));
  }

  async #kill(): Promise<void> {
    // At first the supervisor is spared so that it can record the end. What starts its successor in time escapes that.
    if (++this.#killRounds > sparingRounds) this.#table.job?.terminate(this.#target.runId);
    const scan = this.#table.canPause
      ? await freeze(this.#tree, this.#signaller, 'sent', freezeMs)
      : await this.#tree.scan();
    this.#signaller.sendEach(this.#notDenied(scan.members), 'SIGKILL');
  }
}

/** The supervisor with its FIFO keepers once its command has ended, and keepers without a supervisor. */
function idleHelpers({ supervisor, keepers, members }: TreeScan): ProcessEntry[] {
  if (!supervisor) return [...keepers];
  return members.some((process) => process.ppid === supervisor.pid) ? [] : [supervisor, ...keepers];
}

/** Sends signals to a run's processes and remembers those that the system does not let us signal (EPERM). */
class Signaller {
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
async function freeze(
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
