import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredSettings } from '../api/host.ts';
import { isEnded, waitingStatuses, type JobStatus } from '../api/values.ts';
import { createProcessTable } from '../processes/platform.ts';
import type { ProcessTable } from '../processes/runTree.ts';
import { openDatabase } from '../store/database.ts';
import { SettingsStore } from '../store/settingsStore.ts';
import { Store } from '../store/store.ts';
import { closedInput, mayWatch } from './hooks/closedInput.ts';
import { crlfScript } from './hooks/crlfScript.ts';
import type { ChosenHook, HookDeps } from './hooks/hook.ts';
import { idleLimit, memoryLimit, timeLimit } from './hooks/limits.ts';
import { mainPid, outOfMemory } from './hooks/mainProcess.ts';
import { createOrphans, type Orphans } from './hooks/orphans.ts';
import { readiness } from './hooks/readiness.ts';
import { cleaning } from './jobs/cleaning.ts';
import { killing } from './jobs/killJob.ts';
import { jobControl } from './jobs/jobControl.ts';
import { starting } from './jobs/starting.ts';
import { Environments } from './launch/command.ts';
import { LocalRunner, type Runner } from './launch/runner.ts';
import type { NodeSupervisor } from './launch/supervisor.ts';
import { OutputTracker } from './output/outputTracker.ts';
import { agentEvents } from './queries/agentEvents.ts';
import { jobOutput } from './queries/jobOutput.ts';
import { createViews } from './queries/jobs.ts';
import { jobProgress } from './queries/jobProgress.ts';
import { isSetBack } from './queue/schedules.ts';
import { Scheduler } from './queue/scheduler.ts';
import { resourceGuard } from './queue/waitingQueue.ts';
import { Runs } from './runs/runs.ts';

export interface EngineOptions {
  /** The folder of the store, which is created if it is missing. */
  home: string;
  version: string;
  /** Settings that override the stored ones. */
  settings: StoredSettings;
  /** The supervisor as a Node script, for systems without a POSIX shell. */
  nodeSupervisor?: NodeSupervisor;
  /** The processes among which the runs are, and what executes runs there: by default, this machine's. */
  machine?: { table: ProcessTable; runner: Runner };
  /** Called whenever `isIdle` may have changed. */
  onIdleChanged: () => void;
  log: (message: string) => void;
}

/** Puts the rooms of the engine together: what each part depends on is decided here, from top to bottom. */
export function wireEngine(options: EngineOptions) {
  const { home, onIdleChanged } = options;
  const now = Date.now;
  let isClosed = false;
  // Work that close() interrupts fails; that is not logged.
  const log = (message: string): void => {
    if (!isClosed) options.log(message);
  };
  const report = (error: unknown): void => log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
    log(message);
  };
  mkdirSync(join(home, 'runs'), { recursive: true, mode: 0o700 });
  const database = openDatabase(join(home, 'jobs.db'), now, warn);
  const settings = new SettingsStore(database, options.settings);
  const store = new Store(database, now, warn);
  const table = options.machine?.table ?? createProcessTable();
  const tracker = new OutputTracker(store.chunks, {
    onDropped: ({ run, dropped }) =>
      store.runs.update(run, { stdoutDropped: dropped.stdout, stderrDropped: dropped.stderr }),
    onUnlimited: ({ stdout }, error) =>
      warn(`maxLogBytes could not be applied to ${stdout}, so the whole log is kept: ${String(error)}`),
    onFailure: ({ stdout }, error) => log(`The growth of ${stdout} could not be recorded: ${String(error)}`),
  });
  const environments = new Environments();
  const orphans = createOrphans({ table, store, report });
  const scheduler = new Scheduler({
    store,
    settings,
    shortage: resourceGuard(settings),
    start: (job) => runs.start(job, environments.of(job.id, job.task?.array)),
    shareEnvironment: (schedule, job) => environments.share(schedule, job),
    now,
    log,
  });
  const hooks = createHooks({ store, table, tracker, settings, now, report }, orphans);
  const runner = options.machine?.runner ?? new LocalRunner(table, options.nodeSupervisor);
  const runs = new Runs({ store, table, runner, tracker, hooks, slots: scheduler, home, now, log });
  const views = createViews({ store, home, tracker, waitingFor: (job) => scheduler.waitingFor(job) });
  const output = jobOutput({ store, tracker, home });
  const progress = jobProgress({ store, now });
  const ofAgents = agentEvents({ store, output, views });
  const parts = { store, settings, scheduler, environments, runs, orphans, views, home, now, report };
  const killer = killing(parts);
  const starter = starting({ ...parts, agentEvents: ofAgents, killForRestart: killer.killForRestart });
  const jobs = jobControl(parts);
  const cleaner = cleaning(parts);
  store.onChange(onIdleChanged);
  store.onChange((jobId) => {
    if (isClosed) return;
    scheduler.changed(jobId);
    if (runs.get(jobId) || !environments.byJob.has(jobId)) return;
    const status = store.jobs.byId(jobId)?.status;
    if (status === undefined || isEnded(status)) environments.forget(jobId);
  });
  cleaner.schedule();

  /** Goes on where an earlier host left off. */
  const adopt = async (): Promise<void> => {
    const wasSetBack = isSetBack(store.events.lastTime(), now());
    await runs.adopt(orphans, report);
    const all = (statuses: readonly JobStatus[]) => store.read(store.jobs.list({ statuses }, Number.MAX_SAFE_INTEGER));
    // Oldest first: of jobs that were queued in the same millisecond, the one that was added first is first.
    for (const job of all(waitingStatuses).reverse()) scheduler.add(job);
    const arrays = all(['running']).filter(({ spec }) => spec.array !== undefined);
    for (const job of [...arrays.reverse(), ...store.read(store.arrays.tasks.delayed())]) scheduler.add(job);
    if (wasSetBack) scheduler.clockSetBack();
    scheduler.hasAdopted = true;
    scheduler.startNext();
  };
  const close = async (): Promise<void> => {
    isClosed = true;
    for (const part of [cleaner, scheduler]) part.dispose();
    await runs.dispose();
    await tracker.dispose();
    database.close();
  };
  return {
    ...parts,
    table,
    output,
    agentEvents: ofAgents,
    progress,
    warnings,
    killer,
    starter,
    jobs,
    cleaner,
    adopt,
    close,
  };
}

/** Everything that accompanies runs, in the order in which it acts. A run has only the hooks that its job asks for. */
export function createHooks(deps: HookDeps, orphans: Orphans): ChosenHook[] {
  return [
    { hook: mainPid(deps) },
    { hook: timeLimit(deps), concerns: ({ timeoutMs = deps.settings.current.jobTimeoutMs }) => timeoutMs > 0 },
    { hook: idleLimit(deps), concerns: ({ idleTimeoutMs }) => idleTimeoutMs !== undefined },
    { hook: memoryLimit(deps), concerns: ({ limits }) => limits.memoryBytes !== undefined },
    { hook: outOfMemory() },
    { hook: closedInput(deps), concerns: mayWatch },
    { hook: crlfScript() },
    // Before readiness, which may take two seconds: by then the ids of the ended tree may have been reused.
    { hook: orphans },
    { hook: readiness(deps), concerns: ({ readyWhen }) => readyWhen !== undefined },
  ];
}
