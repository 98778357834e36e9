import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings, SettingsUpdate, StoredSettings } from '../api/host.ts';
import { isEnded, isWaiting, waitingStatuses } from '../api/values.ts';
import { createProcessTable } from '../processes/platform.ts';
import type { ProcessTable } from '../processes/snapshot.ts';
import { openDatabase } from '../store/database.ts';
import type { JobRow } from '../store/jobTable.ts';
import { SettingsStore } from '../store/settingsStore.ts';
import { Store } from '../store/store.ts';
import { Orphans } from './hooks/orphans.ts';
import { AgentPolicy } from './jobs/agentPolicy.ts';
import { Cleaner } from './jobs/cleaning.ts';
import { Killer } from './jobs/killJob.ts';
import { QueueControl } from './jobs/queueControl.ts';
import { RunControl } from './jobs/runControl.ts';
import { Starter } from './jobs/starting.ts';
import { LocalRunner } from './launch/localRunner.ts';
import type { NodeSupervisor } from './launch/nodeSupervisor.ts';
import { Environments } from './launch/command.ts';
import type { Runner } from './launch/runner.ts';
import { OutputTracker } from './output/outputTracker.ts';
import { AgentEvents } from './queries/agentEvents.ts';
import { JobOutput } from './queries/jobOutput.ts';
import { Views } from './queries/views.ts';
import { isSetBack } from './queue/schedules.ts';
import { ResourceGuard } from './queue/resourceGuard.ts';
import { Scheduler } from './queue/scheduler.ts';
import { Runs, createHooks } from './runs/runs.ts';

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
  let hasAdopted = false;
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
  const settingsStore = new SettingsStore(database, options.settings);
  const settings = (): Settings => settingsStore.current;
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
  const orphans = new Orphans({ table, store, report });
  const guard: ResourceGuard = new ResourceGuard(settings, () => scheduler.startNext());
  const scheduler = new Scheduler({
    store,
    rules: settings,
    guard,
    start: (job) => runs.start(job, environments.of(job.id)),
    shareEnvironment: (schedule, job) => environments.share(schedule, job),
    now,
    log,
  });
  const { schedules } = scheduler;
  const hookDeps = { store, table, tracker, defaultTimeoutMs: () => settings().jobTimeoutMs, now, report };
  const hooks = createHooks(hookDeps, orphans, {
    took: (job) => scheduler.took(job),
    freed: (job) => scheduler.freed(job),
    // Until everything is adopted nothing starts; then all waiting jobs are read from the store.
    requeued: (job) => {
      if (hasAdopted && isWaiting(job.status)) scheduler.add(job);
    },
  });
  const runner = options.machine?.runner ?? new LocalRunner(table, options.nodeSupervisor);
  const runs = new Runs({ store, table, runner, tracker, hooks, home, now, log });
  const waitingFor = (job: JobRow) => scheduler.waitingFor(job);
  const views = new Views({ store, home, tracker, waitingFor });
  const output = new JobOutput(store, tracker, home);
  const agentEvents = new AgentEvents({ store, output });
  const policy = new AgentPolicy(() => settings().agentDeny);
  const deps = { store, scheduler, schedules, environments, runs, orphans, policy, views, home, now, settings, report };
  /** @throws BgJobsError `disk_full` */
  const updateSettings = (update: SettingsUpdate): void => {
    settingsStore.update(update);
    cleaner.schedule();
    scheduler.startNext();
  };
  const killer = new Killer(deps);
  const starter = new Starter({
    ...deps,
    agentEvents,
    killForRestart: (job, actor) => killer.killForRestart(job, actor),
  });
  const runControl = new RunControl(deps);
  const queue = new QueueControl({ ...deps, updateSettings });
  const cleaner = new Cleaner(deps);
  store.onChange(onIdleChanged);
  store.onChange((jobId) => {
    if (isClosed) return;
    scheduler.changed(jobId);
    if (runs.get(jobId) || !environments.has(jobId)) return;
    const status = store.jobs.byId(jobId)?.status;
    if (status === undefined || isEnded(status)) environments.forget(jobId);
  });
  cleaner.schedule();

  /** Goes on where an earlier host left off. */
  const adopt = async (): Promise<void> => {
    const wasSetBack = isSetBack(store.events.lastTime(), now());
    await runs.adopt(orphans, report);
    const waiting = store.read(store.jobs.list({ statuses: waitingStatuses }, Number.MAX_SAFE_INTEGER));
    // Oldest first: of jobs that were queued in the same millisecond, the one that was added first is first.
    for (const job of waiting.reverse()) scheduler.add(job);
    if (wasSetBack) scheduler.clockSetBack();
    hasAdopted = true;
    scheduler.startNext();
  };
  const close = async (): Promise<void> => {
    isClosed = true;
    for (const part of [cleaner, guard, scheduler, runs]) part.dispose();
    await tracker.dispose();
    database.close();
  };
  const verbs = { starter, killer, runControl, queue, cleaner };
  const answers = { store, table, runs, orphans, scheduler, views, output, agentEvents };
  return { ...verbs, ...answers, settings, updateSettings, warnings, adopt, close };
}
