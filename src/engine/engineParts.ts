import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { SettingsUpdate, StoredSettings } from '../api/host.ts';
import type { Job } from '../api/job.ts';
import { isEnded, isWaiting, waitingStatuses } from '../api/values.ts';
import { Cleaner } from './jobs/cleaning.ts';
import { Environments } from './launch/runEnvironment.ts';
import type { HookDeps } from './hooks/hook.ts';
import { createHooks } from './runs/hooks.ts';
import { Runs } from './runs/runs.ts';
import { JobOutput } from './queries/jobOutput.ts';
import { Killer } from './jobs/killing.ts';
import { Orphans } from './hooks/orphans.ts';
import { OutputTracker } from './output/outputTracker.ts';
import { ResourceGuard } from './queue/resourceGuard.ts';
import { LocalRunner } from './launch/localRunner.ts';
import type { NodeSupervisor } from './launch/nodeSupervisor.ts';
import type { Runner } from './launch/runner.ts';
import type { Schedules } from './queue/schedules.ts';
import { isSetBack } from './queue/dueTimes.ts';
import { Scheduler } from './queue/scheduler.ts';
import { SettingsStore } from '../store/settingsStore.ts';
import { createProcessTable } from '../processes/platform.ts';
import { type ProcessTable } from '../processes/snapshot.ts';
import { openDatabase } from '../store/database.ts';
import type { JobRow } from '../store/jobTable.ts';
import { Store } from '../store/store.ts';
import { jobView, type ViewParts } from './queries/views.ts';

export interface EngineOptions {
  /** The store's folder: made when it is missing. */
  home: string;
  version: string;
  /** Settings that win over the stored ones. */
  settings: StoredSettings;
  /** The supervisor as a Node script: where there is no POSIX shell. */
  nodeSupervisor?: NodeSupervisor;
  /** The processes among which the runs are, and what executes runs there: this machine's, where nothing is given. */
  machine?: { table: ProcessTable; runner: Runner };
  /** Called whenever `isIdle` may answer differently from before. */
  onIdleChanged: () => void;
  log: (message: string) => void;
}

/** The pieces of the engine, put together: who tells whom is decided here. */
export class EngineParts {
  readonly settings: SettingsStore;
  readonly store: Store;
  readonly table: ProcessTable;
  readonly tracker: OutputTracker;
  readonly orphans: Orphans;
  readonly runs: Runs;
  readonly guard: ResourceGuard;
  readonly scheduler: Scheduler;
  readonly schedules: Schedules;
  readonly killer: Killer;
  readonly cleaner: Cleaner;
  readonly output: JobOutput;
  readonly environments = new Environments();
  readonly warnings: string[] = [];
  readonly #options: EngineOptions;
  readonly #database: DatabaseSync;
  readonly #views: ViewParts;
  /** What was under way when the store was let go of cannot end well, and needs no words. */
  readonly #log = (message: string): void => {
    if (!this.#closed) this.#options.log(message);
  };
  readonly #report = (error: unknown): void =>
    this.#log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  #closed = false;
  #hasAdopted = false;
  #cleaning: NodeJS.Timeout;

  constructor(options: EngineOptions) {
    const { home, onIdleChanged } = options;
    const log = this.#log;
    const now = Date.now;
    const warn = (message: string): void => {
      this.warnings.push(message);
      log(message);
    };
    const report = this.#report;
    this.#options = options;
    mkdirSync(join(home, 'runs'), { recursive: true, mode: 0o700 });
    this.#database = openDatabase(join(home, 'jobs.db'), now, warn);
    this.settings = new SettingsStore(this.#database, options.settings);
    const store = (this.store = new Store(this.#database, now, warn));
    const table = (this.table = options.machine?.table ?? createProcessTable());
    const tracker = (this.tracker = new OutputTracker(store.chunks, {
      onDropped: ({ run, dropped }) =>
        store.runs.update(run, { stdoutDropped: dropped.stdout, stderrDropped: dropped.stderr }),
      onUnlimited: ({ stdout }, error) =>
        warn(`maxLogBytes cannot be kept for ${stdout}, the log is kept whole: ${String(error)}`),
      onFailure: ({ stdout }, error) => log(`The growth of ${stdout} could not be recorded: ${String(error)}`),
    }));
    const orphans = (this.orphans = new Orphans({ table, store, report }));
    const runner = options.machine?.runner ?? new LocalRunner(table, options.nodeSupervisor);
    const guard = (this.guard = new ResourceGuard(
      () => this.settings.current,
      () => this.scheduler.startNext(),
    ));
    this.scheduler = new Scheduler({
      store,
      rules: () => this.settings.current,
      guard,
      start: (job) => this.runs.start(job, this.environments.of(job.id)),
      shareEnvironment: (schedule, job) => this.environments.share(schedule, job),
      now,
      log,
    });
    const defaultTimeoutMs = (): number => this.settings.current.jobTimeoutMs;
    const hookDeps: HookDeps = { store, table, tracker, defaultTimeoutMs, now, report };
    const hooks = createHooks(hookDeps, orphans, {
      took: (job) => this.scheduler.took(job),
      freed: (job) => this.scheduler.freed(job),
      requeued: (job) => this.#requeued(job),
    });
    const runs = (this.runs = new Runs({ store, table, runner, tracker, hooks, home, now, log }));
    const { scheduler } = this;
    this.schedules = scheduler.schedules;
    const view = (job: JobRow): Job => this.view(job);
    this.killer = new Killer({ store, scheduler, runs, orphans, report, view });
    const hasLeftovers = async (job: JobRow): Promise<boolean> => (await orphans.refresh(job)).length > 0;
    const isNeeded = ({ id }: JobRow): boolean => scheduler.graph.dependentsOf(id).length > 0;
    this.cleaner = new Cleaner({ store, home, now, hasLeftovers, isNeeded });
    this.output = new JobOutput(store, tracker, home);
    this.#views = { home, tracker, waitingFor: (job) => scheduler.waitingFor(job) };
    store.onChange(onIdleChanged);
    store.onChange((jobId) => this.#changed(jobId));
    setImmediate(() => this.#clean());
    this.#cleaning = this.#cleanRegularly();
  }

  /** @throws BgJobsError `disk_full` */
  updateSettings(update: SettingsUpdate): void {
    this.settings.update(update);
    clearInterval(this.#cleaning);
    this.#cleaning = this.#cleanRegularly();
    this.scheduler.startNext();
  }

  /** Goes on where an earlier host left off. */
  async adopt(): Promise<void> {
    const { store, scheduler } = this;
    const wasSetBack = isSetBack(store.events.lastTime(), Date.now());
    await this.runs.adopt(this.orphans, this.#report);
    const waiting = store.read(store.jobs.list({ statuses: waitingStatuses }, Number.MAX_SAFE_INTEGER));
    // Oldest first: of those that were queued in the same millisecond the one that was added first is first.
    for (const job of waiting.reverse()) scheduler.add(job);
    if (wasSetBack) scheduler.clockSetBack();
    this.#hasAdopted = true;
    scheduler.startNext();
  }

  view(job: JobRow): Job {
    return jobView(job, this.store.runs.ofJob(job.row), this.#views);
  }

  get views(): ViewParts {
    return this.#views;
  }

  /** A new run for a job that has ended or is held; a schedule goes on, and one held before it ran waits for its time. */
  requeue(job: JobRow): void {
    const { at, ...spec } = job.spec;
    const dueAt = this.schedules.firstTime(job.status === 'held' && job.run === null ? job.spec : spec);
    this.store.moveJob(job, dueAt === null ? 'pending' : 'scheduled', {}, dueAt);
    this.scheduler.add(job);
    this.scheduler.startNext();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#cleaning);
    this.guard.dispose();
    this.scheduler.dispose();
    this.runs.dispose();
    await this.tracker.dispose();
    this.#database.close();
  }

  /** A run has ended, and its job may wait for another one. */
  #requeued(job: JobRow): void {
    // Until everything is adopted nothing starts; then all waiting jobs are read from the store.
    if (this.#hasAdopted && isWaiting(job.status)) this.scheduler.add(job);
  }

  #changed(jobId: string): void {
    if (this.#closed) return;
    this.scheduler.changed(jobId);
    if (this.runs.get(jobId) || !this.environments.has(jobId)) return;
    const status = this.store.jobs.byId(jobId)?.status;
    if (status === undefined || isEnded(status)) this.environments.forget(jobId);
  }

  #clean(): void {
    this.cleaner.cleanBySettings(this.settings.current).catch(this.#report);
  }

  #cleanRegularly(): NodeJS.Timeout {
    return setInterval(() => this.#clean(), this.settings.current.cleanupIntervalMs).unref();
  }
}
