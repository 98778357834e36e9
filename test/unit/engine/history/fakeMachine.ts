import { basename } from 'node:path';
import assert from 'node:assert/strict';
import type { JobSpec } from '../../../../src/store/jobTable.ts';
import { StartFailure } from '../../../../src/engine/launch/command.ts';
import type { ExitStatus } from '../../../../src/engine/launch/supervisor.ts';
import { treeControl } from '../../../../src/engine/launch/runControl.ts';
import type { LocalProcess, RunPlan, Runner } from '../../../../src/engine/launch/runner.ts';
import type { ProcessIdentity } from '../../../../src/processes/processSource.ts';
import type { ProcessTable } from '../../../../src/processes/runTree.ts';
import { fakeTable, self } from '../../../helpers/engine/fakeTable.ts';

const bootId = 'this boot';

/** Above 2^22, where no process is. */
const firstPid = 9_000_000;
/** More than its supervisor's. */
const commandPid = 1_000_000;

export type Occupant = Pick<JobSpec, 'session' | 'mutex'>;

interface FakeRun {
  spec: JobSpec;
  supervisor: ProcessIdentity;
  directory: string;
  isAlive: boolean;
  exit: ExitStatus | undefined;
  /** Of the engine that follows it now. */
  settle: (exit: ExitStatus | null) => void;
}

/** Runs without processes, which end when the test says so. They outlive the engine, as real ones do. */
export class FakeMachine {
  readonly table: ProcessTable;
  readonly runner: Runner;
  /** Run ids in the order in which they were started. */
  readonly started: string[] = [];
  readonly #beforeStart: (running: readonly Occupant[], next: Occupant) => void;
  readonly #runs = new Map<string, FakeRun>();

  /** @param beforeStart told what runs, and what is to run now */
  constructor(beforeStart: (running: readonly Occupant[], next: Occupant) => void) {
    this.#beforeStart = beforeStart;
    this.table = {
      ...fakeTable([self]),
      identify: () => undefined,
      isAlive: ({ pid }) => [...this.#runs.values()].some((run) => run.supervisor.pid === pid && run.isAlive),
      groupIsEmpty: () => true,
      childrenOf: (pid) => [pid + commandPid],
      hasLoaded: () => true,
      isKeeper: () => false,
    };
    this.runner = {
      start: (plan) => this.#start(plan),
      adopt: ({ runId }) => this.#follow(this.#of(runId)),
      recordedExit: (directory) => [...this.#runs.values()].find((run) => run.directory === directory)?.exit,
      preventStart: (directory) => ![...this.#runs.values()].some((run) => run.directory === directory),
    };
  }

  /** @param exit null: the supervisor was killed, and nobody knows */
  end(runId: string, exit: ExitStatus | null): void {
    const run = this.#of(runId);
    assert.ok(run.isAlive);
    run.isAlive = false;
    run.exit = exit ?? undefined;
    run.settle(exit);
  }

  #start({ runId, directory, spec }: RunPlan): LocalProcess {
    assert.ok(!this.started.includes(runId), `${runId} was started twice`);
    this.started.push(runId);
    const running = [...this.#runs.values()].filter(({ isAlive }) => isAlive);
    this.#beforeStart(
      running.map((run) => run.spec),
      spec,
    );
    const [program] = spec.argv ?? [];
    if (program === 'missing') throw new StartFailure('command_not_found', 'there is no such program');
    if (program === 'badly') throw new StartFailure('spawn_failed', 'it did not come up');
    const supervisor = { pid: firstPid + this.started.length, startTime: '1', bootId };
    const run: FakeRun = { spec, supervisor, directory, isAlive: true, exit: undefined, settle: () => undefined };
    this.#runs.set(runId, run);
    return this.#follow(run);
  }

  #follow(run: FakeRun): LocalProcess {
    const exited = new Promise<ExitStatus | null>((resolve) => {
      run.settle = resolve;
    });
    if (!run.isAlive) run.settle(run.exit ?? null);
    const target = { runId: basename(run.directory), supervisor: run.supervisor, logs: [] };
    return { ...treeControl(this.table, target), supervisor: run.supervisor, exited, dispose: () => undefined };
  }

  #of(runId: string): FakeRun {
    const run = this.#runs.get(runId);
    assert.ok(run, runId);
    return run;
  }
}
