import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { StoredSettings } from '../api/host.ts';
import { isEnded, waitingStatuses, type JobStatus } from '../api/values.ts';
import { DiskReserve } from '../disk/diskReserve.ts';
import { diskWarning, freeBytes } from '../disk/space.ts';
import { createProcessTable } from '../processes/platform.ts';
import type { ProcessTable } from '../processes/runTree.ts';
import { ClockSteps } from '../store/clock.ts';
import { openDatabase } from '../store/openDatabase.ts';
import { StoreOwner } from '../store/owner.ts';
import type { JobRow } from '../store/jobTable.ts';
import { SettingsStore } from '../store/settingsStore.ts';
import { Store } from '../store/store.ts';
import { StoreMark } from '../store/storeMark.ts';
import { closedInput, mayWatch } from './hooks/closedInput.ts';
import { crlfScript } from './hooks/crlfScript.ts';
import { floodBrake } from './hooks/floodBrake.ts';
import { fullLog } from './hooks/fullLog.ts';
import type { ChosenHook, HookDeps } from './hooks/hook.ts';
import { idleLimit, memoryLimit, timeLimit } from './hooks/limits.ts';
import { mainPid, outOfMemory } from './hooks/mainProcess.ts';
import { createOrphans, type Orphans } from './hooks/orphans.ts';
import { readiness } from './hooks/readiness.ts';
import { cleaning } from './jobs/cleaning.ts';
import { killing } from './jobs/killJob.ts';
import { jobControl } from './jobs/jobControl.ts';
import { starting } from './jobs/starting.ts';
import { Attention } from './launch/attention.ts';
import { Environments } from './launch/command.ts';
import { LocalRunner, type RemoteRunner, type Runner } from './launch/runner.ts';
import type { NodeSupervisor } from './launch/nodeSupervisor.ts';
import { OutputTracker } from './output/outputTracker.ts';
import { agentEvents } from './queries/agentEvents.ts';
import { jobOutput } from './queries/jobOutput.ts';
import { createViews } from './queries/jobs.ts';
import { jobProgress } from './queries/jobProgress.ts';
import { isSetBack } from './queue/schedules.ts';
import { Scheduler } from './queue/scheduler.ts';
import { resourceGuard } from './queue/waitingQueue.ts';
import { rebuildRuns } from './runs/rebuild.ts';
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
  const disk = new DiskReserve(home);
  mkdirSync(join(home, 'runs'), { recursive: true, mode: 0o700 });
  let isWhole = true;
  const path = join(home, 'jobs.db');
  const database = openDatabase(path, now, (message) => {
    isWhole = false;
    warn(message);
  });
  const table = options.machine?.table ?? createProcessTable();
  const owner = claimed(database, table);
  const settings = new SettingsStore(database, options.settings);
  const store = new Store(database, now, warn);
  const mark = new StoreMark(join(home, 'jobs.mark'), path, database, store.events, now, log);
  const steps = new ClockSteps(database, now, table.bootId());
  const steppedBy = steps.read();
  const tracker = new OutputTracker(
    store.chunks,
    {
      onDropped: ({ run, dropped }) =>
        disk.spend(() => store.runs.update(run, { stdoutDropped: dropped.stdout, stderrDropped: dropped.stderr })),
      onUnlimited: ({ stdout }, error) =>
        warn(`maxLogBytes could not be applied to ${stdout}, so the whole log is kept: ${String(error)}`),
      onFailure: ({ stdout }, error) => log(`The growth of ${stdout} could not be recorded: ${String(error)}`),
    },
    { steppedBy },
  );
  const environments = new Environments();
  const orphans = createOrphans({ table, store, report }, (jobId) => scheduler.changed(jobId));
  const busy = resourceGuard(settings, () => freeBytes(home));
  const scheduler = new Scheduler({
    store,
    settings,
    shortage: () => disk.shortage?.[0] ?? busy(),
    checkDisk: () => disk.check(),
    start: (job) => runs.start(job, environments.of(job)),
    isClearing: orphans.isClearing,
    shareEnvironment: (schedule, job) => environments.share(schedule, job),
    now,
    clockStep: () => steps.read(),
    log,
  });
  const hooks = createHooks({ store, table, tracker, settings, now, report }, orphans);
  const runner = options.machine?.runner ?? new LocalRunner(table, options.nodeSupervisor);
  const attention = new Attention();
  let remoteRunner: Promise<RemoteRunner> | undefined;
  const remote = (): Promise<RemoteRunner> =>
    (remoteRunner ??= import('./slurm/slurmRunner.ts').then(
      ({ SlurmRunner }) => new SlurmRunner({ home, attention, report, log }),
    ));
  const runs = new Runs({ store, disk, table, runner, remote, tracker, hooks, slots: scheduler, home, now, log });
  const views = createViews({ store, home, tracker, waitingFor: (job) => scheduler.waitingFor(job) });
  const output = jobOutput({ store, tracker, home });
  const progress = jobProgress({ store, now });
  const ofAgents = agentEvents({ store, output, views });
  const parts = { store, disk, settings, scheduler, environments, runs, orphans, views, home, now, report };
  const killer = killing(parts);
  const starter = starting({ ...parts, agentEvents: ofAgents, killForRestart: killer.killForRestart });
  const jobs = jobControl(parts);
  const cleaner = cleaning({ ...parts, tracker });
  store.onChange(onIdleChanged);
  store.onChange(mark.changed);
  store.onChange((jobId) => {
    if (isClosed) return;
    scheduler.changed(jobId);
    if (runs.get(jobId) || !environments.byJob.has(jobId)) return;
    const status = store.jobs.byId(jobId)?.status;
    if (status === undefined || isEnded(status)) environments.forget(jobId);
  });
  cleaner.schedule();

  const rebuildMissing = (): void => {
    const missing = mark.missing();
    if (missing === 0 && isWhole) return;
    const rebuilt = rebuildRuns(store, home);
    if (missing > 0)
      warn(
        `The last ${missing} changes of the store are missing: jobs.db or its write-ahead log jobs.db-wal was removed or damaged.`,
      );
    if (rebuilt > 0) warn(`${rebuilt} runs that were missing in the store were recorded from their folders.`);
  };
  /** Goes on where an earlier host left off. */
  const adopt = async (): Promise<void> => {
    rebuildMissing();
    const wasSetBack = isSetBack(store.events.lastTime(), now());
    const all = (statuses: readonly JobStatus[]) => store.read(store.jobs.list({ statuses }, Number.MAX_SAFE_INTEGER));
    const delayedTasks = (): JobRow[] => store.read(store.arrays.tasks.delayed());
    // Before runs are found to have ended: when they end, they may have counted by the clock as it is set now.
    if (steppedBy !== 0)
      for (const job of [...all(waitingStatuses), ...delayedTasks()]) scheduler.schedules.clockStepped(job, steppedBy);
    await runs.adopt(orphans, report);
    const add = (job: JobRow): void => scheduler.add(job);
    // Oldest first: of jobs that were queued in the same millisecond, the one that was added first is first.
    all(waitingStatuses).reverse().forEach(add);
    const arrays = all(['running']).filter(({ spec }) => spec.array !== undefined);
    [...arrays.reverse(), ...delayedTasks()].forEach(add);
    if (wasSetBack) scheduler.clockSetBack();
    scheduler.hasAdopted = true;
    scheduler.startNext();
  };
  const close = async (): Promise<void> => {
    isClosed = true;
    for (const part of [cleaner, scheduler]) part.dispose();
    await runs.dispose();
    (await remoteRunner)?.dispose();
    await tracker.dispose();
    await mark.dispose();
    owner.release();
    database.close();
  };
  const currentWarnings = (): string[] => [...warnings, ...[diskWarning(home) ?? []].flat()];
  return {
    ...parts,
    attention,
    table,
    output,
    agentEvents: ofAgents,
    progress,
    currentWarnings,
    killer,
    starter,
    jobs,
    cleaner,
    adopt,
    close,
  };
}

/** @throws BgJobsError `host_unreachable`: another process has the store open */
function claimed(database: DatabaseSync, table: ProcessTable): StoreOwner {
  try {
    const owner = new StoreOwner(database);
    owner.claim(table.identify(process.pid), (other) => table.isAlive(other));
    return owner;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Everything that accompanies runs, in the order in which it acts. A run has only the hooks that its job asks for. */
export function createHooks(deps: HookDeps, orphans: Orphans): ChosenHook[] {
  return [
    { hook: mainPid(deps) },
    {
      hook: timeLimit(deps),
      concerns: ({ timeoutMs = deps.settings.current.jobTimeoutMs }) => timeoutMs > 0,
      isAnywhere: true,
    },
    { hook: idleLimit(deps), concerns: ({ idleTimeoutMs }) => idleTimeoutMs !== undefined, isAnywhere: true },
    { hook: floodBrake(deps) },
    { hook: fullLog(deps), concerns: ({ whenFull }) => whenFull !== 'drop', isAnywhere: true },
    { hook: memoryLimit(deps), concerns: ({ limits }) => limits.memoryBytes !== undefined },
    { hook: outOfMemory() },
    { hook: closedInput(deps), concerns: mayWatch },
    { hook: crlfScript(), isAnywhere: true },
    // Before readiness, which may take two seconds: by then the ids of the ended tree may have been reused.
    { hook: orphans },
    { hook: readiness(deps), concerns: ({ readyWhen }) => readyWhen !== undefined, isAnywhere: true },
  ];
}
