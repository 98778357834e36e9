import { setTimeout as sleep } from 'node:timers/promises';
import type { SignalName } from '../api/signals.ts';
import { keyOf, type ProcessEntry } from './processSource.ts';
import { RunTree, type RunTarget } from './runTree.ts';
import { freeze, Signaller } from './signaller.ts';
import type { ProcessTable, TreeScan } from './snapshot.ts';

interface KillTreeOptions {
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

  constructor(table: ProcessTable, target: RunTarget, options: KillTreeOptions) {
    this.#table = table;
    this.#tree = new RunTree(table, target);
    this.#signaller = new Signaller(table);
    this.#options = options;
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
      durationMs: performance.now() - startedAt,
      survivors: [...members, ...idleHelpers(end.scan)].map((process) => ({
        pid: process.pid,
        command: this.#table.commandOf(process),
      })),
      ended: this.#tree.memberCount - members.length,
    };
  }

  /** Scans and acts until two scans in a row are clear, or until the limit. */
  async #until(
    limitMs: number,
    act: (scan: TreeScan) => Promise<void>,
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
        if (targets.length > 0) await act(scan);
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
  async #ask(scan: TreeScan, signal: SignalName): Promise<void> {
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

  /**
   * Children that the supervisor has forked but that have not loaded their program yet. They may still have the traps of
   * the supervisor, which swallow the signal, so they get it again.
   */
  #loading({ supervisor, members }: TreeScan): Set<ProcessEntry> {
    const fresh = members.filter((process) => process.ppid === supervisor?.pid && !this.#signalled.has(keyOf(process)));
    return new Set(fresh.filter((process) => !this.#table.hasLoaded(process.pid, process.ppid)));
  }

  async #kill(): Promise<void> {
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
