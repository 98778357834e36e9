import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessInfo } from '../api/job.ts';
import type { SignalName } from '../api/signals.ts';
import { Courier, freeze } from './signaller.ts';
import { keyOf, type ProcessEntry } from './processIdentity.ts';
import type { ProcessTable } from './processTable.ts';
import { RunTree, type RunTarget, type TreeScan } from './runTree.ts';

export interface StopOptions {
  signal: SignalName;
  /** Milliseconds between the signal and SIGKILL. */
  graceMs: number;
  /** Called when the grace time is over and SIGKILL starts. Not called when `signal` is SIGKILL. */
  onEscalate?: () => void;
  /** Ends the waiting: stopTree rejects with an AbortError. What was signalled stays signalled. No effect once SIGKILL has started. */
  abort?: AbortSignal;
}

export interface StopOutcome {
  /** Whether SIGKILL was needed though another signal was asked for. */
  escalated: boolean;
  durationMs: number;
  /** Still there: another user's, or held by the kernel. */
  survivors: ProcessInfo[];
  /** How many of the command's processes are gone. */
  ended: number;
  /** The supervisor had to be killed, so it has recorded nothing. */
  supervisorKilled: boolean;
}

/** How long a supervisor may take to record the status when its command is dead. */
const recordingMs = 2000;
/** How long the kernel may take to end what got SIGKILL; a process in an uninterruptible wait takes for ever. */
const killMs = 10_000;
const freezeMs = 1000;

/**
 * Ends all processes of a run and proves it: two scans in a row find nobody, and the supervisor is gone too.
 * Nothing is signalled that is not the run's: a recycled pid, another boot, this process and its group.
 */
export async function stopTree(table: ProcessTable, target: RunTarget, options: StopOptions): Promise<StopOutcome> {
  return new TreeStop(table, target, options).run();
}

class TreeStop {
  readonly #table: ProcessTable;
  readonly #tree: RunTree;
  readonly #courier: Courier;
  readonly #options: StopOptions;
  readonly #signalled = new Set<string>();
  /** Since when the supervisor had nothing left to wait for. */
  #idleSince: number | undefined;
  #supervisorKilled = false;

  constructor(table: ProcessTable, target: RunTarget, options: StopOptions) {
    this.#table = table;
    this.#tree = new RunTree(table, target);
    this.#courier = new Courier(table);
    this.#options = options;
  }

  async run(): Promise<StopOutcome> {
    const { signal, graceMs, onEscalate, abort } = this.#options;
    const startedAt = performance.now();
    let escalated = false;
    let end = signal === 'SIGKILL' ? undefined : await this.#until(graceMs, (scan) => this.#ask(scan, signal), abort);
    if (end && !end.isClear) {
      escalated = true;
      onEscalate?.();
    }
    if (!end?.isClear) end = await this.#until(killMs, () => this.#kill());
    const { members } = end.scan;
    return {
      escalated,
      durationMs: performance.now() - startedAt,
      survivors: [...members, ...helpersWithoutUse(end.scan)].map((process) => ({
        pid: process.pid,
        command: this.#table.commandOf(process),
      })),
      ended: this.#tree.memberCount - members.length,
      supervisorKilled: this.#supervisorKilled,
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
      if (targets.length === 0 && this.#notDenied(helpersWithoutUse(scan)).length === 0) {
        if (++clearScans === 2) return { scan, isClear: true };
        delay = 5;
      } else {
        clearScans = 0;
        this.#tend(scan);
        if (targets.length > 0) await act(scan);
        // The grace time is the command's; what its supervisor may take is counted from the command's end.
        const limit = targets.length > 0 ? deadline : (this.#idleSince ?? Infinity) + recordingMs + killMs;
        if (performance.now() >= limit) return { scan, isClear: false };
      }
      // Scans take long where there are many processes or many stops: they are to take half of one core at most.
      await sleep(Math.max(delay, scanMs), undefined, abort && { signal: abort });
    }
  }

  #notDenied(processes: readonly ProcessEntry[]): ProcessEntry[] {
    return processes.filter((process) => !this.#courier.isDenied(process));
  }

  /** Keeps the supervisor going until it has recorded the end, and ends the helpers that it cannot end any more. */
  #tend(scan: TreeScan): void {
    const { supervisor } = scan;
    const idle = helpersWithoutUse(scan);
    if (supervisor?.state === 'stopped') this.#courier.continueSupervisor(scan);
    if (idle.length === 0) this.#idleSince = undefined;
    else this.#idleSince ??= performance.now();
    const isOverdue = this.#idleSince !== undefined && performance.now() - this.#idleSince > recordingMs;
    if (supervisor && !isOverdue) return;
    if (supervisor) this.#supervisorKilled = true;
    this.#courier.sendEach(idle, 'SIGKILL');
  }

  /** The polite part: the signal once to each, and SIGCONT to what is stopped, so that it can die. */
  async #ask(scan: TreeScan, signal: SignalName): Promise<void> {
    const alive = new Set(scan.members.map((process) => process.pid));
    const isFirst = this.#signalled.size === 0;
    const isRoot = (process: ProcessEntry): boolean => !alive.has(process.ppid);
    // What a living member has started meanwhile is part of its way to end, and not disturbed.
    const asked = isFirst
      ? scan.members
      : scan.members.filter((process) => !this.#signalled.has(keyOf(process)) && isRoot(process));
    const loading = this.#loading(scan);
    if (isFirst) {
      for (const root of asked.filter(isRoot)) await this.#table.endTree?.(root.pid);
      this.#courier.sendByGroup(scan, asked, signal);
    } else {
      this.#courier.sendEach(asked, signal);
    }
    for (const process of scan.members) if (!loading.has(process)) this.#signalled.add(keyOf(process));
    // Later, too: somebody else may stop it meanwhile.
    this.#courier.sendEach(
      scan.members.filter((process) => process.state === 'stopped'),
      'SIGCONT',
    );
  }

  /**
   * What the supervisor has just forked and is no program yet. It may still have the supervisor's traps, which swallow
   * the signal, so it gets it again.
   */
  #loading({ supervisor, members }: TreeScan): Set<ProcessEntry> {
    const fresh = members.filter((process) => process.ppid === supervisor?.pid && !this.#signalled.has(keyOf(process)));
    return new Set(fresh.filter((process) => !this.#table.hasLoaded(process.pid, process.ppid)));
  }

  async #kill(): Promise<void> {
    const scan = this.#table.canPause
      ? await freeze(this.#tree, this.#courier, 'asked', freezeMs)
      : await this.#tree.scan();
    this.#courier.sendEach(this.#notDenied(scan.members), 'SIGKILL');
  }
}

/** The supervisor with its holders once its command is gone, and holders without a supervisor. */
function helpersWithoutUse({ supervisor, holders, members }: TreeScan): ProcessEntry[] {
  if (!supervisor) return [...holders];
  return members.some((process) => process.ppid === supervisor.pid) ? [] : [supervisor, ...holders];
}
