import type { SignalName } from '../../api/signals.ts';
import type { Remote } from '../../api/remote.ts';
import {
  killTree,
  pauseTree,
  resumeTree,
  signalTree,
  type KillOutcome,
  type KillTreeOptions,
} from '../../processes/killTree.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable, RunTarget } from '../../processes/runTree.ts';
import type { End } from '../../store/runTable.ts';
import type { ExitStatus } from './supervisor.ts';
import type { liveInput } from './liveInput.ts';

/** What can be done with a run, wherever it is. */
export interface RunControl {
  /** Delivers the signal once to each of the command's processes. */
  signal(signal: SignalName): Promise<void>;
  /** Ends all processes of the run, and proves it. */
  stop(how: KillTreeOptions): Promise<KillOutcome>;
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** How a run ended, with what only its runner knows about it. */
export interface RunExit extends ExitStatus {
  /** Why, where the status does not tell: a limit was reached, or nobody knows. */
  why?: Pick<End, 'status' | 'reason' | 'reasonText'> & Partial<Pick<End, 'errorCode' | 'errorMessage'>>;
  /** The command has provably never begun, and nothing is left that could begin it: the job can wait again. */
  isUnbegun?: boolean;
}

/** A run under way, as its runner sees it. */
export interface RunningProcess extends RunControl {
  /** The process of this machine that stands between the host and the command. Null: the run is elsewhere. */
  readonly supervisor: ProcessIdentity | null;
  /** Settles when the run's main process has ended; null when its end was not recorded. Never rejects. */
  readonly exited: Promise<RunExit | null>;
  /** The standard input, for `stdin: pipe`. */
  readonly input?: Pick<ReturnType<typeof liveInput>, 'write' | 'end' | 'resize'> | undefined;
  /** Tells of a run elsewhere, from now on and first of all what is known now. */
  follow?(watch: RunWatch): void;
  /** Lets go of it without touching it. */
  dispose(): void;
}

/** Learns of a run elsewhere. */
export interface RunWatch {
  /** The command runs. @param at milliseconds since the epoch */
  began(at: number): void;
  changed(remote: Remote): void;
}

/** The processes of a run on this machine. */
export function treeControl(table: ProcessTable, target: RunTarget): RunControl {
  return {
    signal: (signal) => signalTree(table, target, signal),
    stop: (how) => killTree(table, target, how),
    pause: () => pauseTree(table, target),
    resume: () => resumeTree(table, target),
  };
}
