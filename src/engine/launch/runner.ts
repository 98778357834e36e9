/**
 * The room of launching: from a job's spec to a supervised process, and back from its exit record. Other rooms know the
 * interface in this file; `localRunner.ts` is the only implementation. Imports the store's types and the process table.
 */
import type { StartErrorCode } from '../../api/errors.ts';
import type { JobSpec } from '../../store/jobTable.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';

/** How a run's command ended, as far as it is known: one of the two is null, or both when nobody could see it. */
export interface ExitStatus {
  exitCode: number | null;
  /** For example `SIGTERM`. */
  signal: string | null;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What a runner needs to know of a run. */
export interface RunPlan {
  /** `<job uuid>.<n>`: the mark of the run's processes. */
  runId: string;
  jobId: string;
  /** The run's own folder: it exists. */
  directory: string;
  spec: JobSpec;
  /** The environment to build on: the caller's or the host's. */
  baseEnv: NodeJS.ProcessEnv;
}

/** A run under way. */
export interface RunningProcess {
  readonly supervisor: ProcessIdentity;
  /** Settles when the run's main process has ended; null when its end was not recorded. Never rejects. */
  readonly exited: Promise<ExitStatus | null>;
  /** Writes to the standard input, for `stdin: pipe`. */
  write(text: string): Promise<void>;
  /** Closes the standard input, for `stdin: pipe`. */
  endInput(): Promise<void>;
  /** Lets go of it without touching it. */
  dispose(): void;
}

/** Why a run could not start. */
export class StartFailure extends Error {
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What executes runs. */
export interface Runner {
  /** Synchronous up to the spawn, so that nothing else happens between the record and the process. @throws StartFailure */
  start(plan: RunPlan): RunningProcess;
  /** A run that an earlier host started and whose supervisor is alive. */
  adopt(plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>, supervisor: ProcessIdentity): RunningProcess;
  /** What the supervisor has recorded; undefined when there is nothing (yet). */
  recordedExit(directory: string): ExitStatus | undefined;
}
