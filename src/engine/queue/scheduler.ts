import { failureText, DependencyGraph, observe, type Outcome } from './dependencies.ts';
import { byTime, createSchedules, dueTimes, timeOf, type SchedulerDeps } from './schedules.ts';
import { limitOf, mayStart, type NoRoom, Slots, waitReason } from './slots.ts';
import { StartGate } from './startGate.ts';
import { WaitingQueue } from './waitingQueue.ts';
import type { WaitingFor } from '../../api/job.ts';
import { isElsewhere, isWaiting, type Direction } from '../../api/values.ts';
import { diskRetryMs } from '../../store/database.ts';
import type { JobRow } from '../../store/jobTable.ts';

/** Thousands of tasks that cannot start must not keep everybody waiting. */
const startsInATurn = 50;

/**
 * The queue: decides which waiting job starts when. Used by `jobs` and the wiring; this room imports `api` and `store`.
 *
 * Requests call `add` when a job begins to wait or waits for something else, `remove` when it does not wait any more, then
 * `startNext`. A run reports `took` when it begins and `freed` when its end is recorded; `changed` gets every change.
 */
export class Scheduler {
  readonly schedules: ReturnType<typeof createSchedules>;
  /** There is none until a job depends on another one. */
  graph: DependencyGraph | undefined;
  /** Before the runs of an earlier host are adopted nothing starts; then all waiting jobs are added. */
  hasAdopted = false;
  readonly #deps: SchedulerDeps;
  /** All jobs that wait to be started automatically, in the queue or not yet. */
  readonly #jobs = new Map<string, JobRow>();
  readonly #queue = new WaitingQueue();
  readonly #times: ReturnType<typeof dueTimes>;
  readonly #slots = new Slots();
  readonly #gate: StartGate;
  #retry: NodeJS.Timeout | undefined;
  #isStarting = false;

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
    this.#gate = new StartGate(deps);
    this.schedules = createSchedules(deps, this);
    this.#times = dueTimes(deps, {
      due: (ids) => this.#due(ids),
      setBack: () => this.clockSetBack(),
      stepped: (byMs) => this.clockStepped(byMs),
    });
  }

  /** The number of jobs that wait for a slot, for other jobs or for a time, without held ones. */
  get waiting(): number {
    return this.#jobs.size;
  }

  get running(): number {
    return this.#slots.total;
  }

  /**
   * Adds or updates a waiting job. A held one is recorded as a dependent of others but does not start. An array waits for
   * its tasks, which are read one by one; only those that wait for another attempt are here themselves.
   */
  add(job: JobRow): void {
    this.remove(job.id);
    if (job.task && job.dueAt === null) return this.tasksChanged(job.task);
    if (job.spec.array && !this.#deps.store.arrays.tasks.hasNext(job.row)) return;
    if (job.spec.dependsOn.length > 0 && isWaiting(job.status)) {
      this.graph ??= new DependencyGraph((jobId) => observe(this.#deps.store, jobId, this.#deps.isClearing(jobId)));
      this.graph.add(job);
    }
    if (job.status !== 'held') {
      this.#jobs.set(job.id, job);
      if (job.dueAt !== null && (job.status === 'scheduled' || job.dueAt > this.#deps.now())) {
        this.#times.set(job.id, job.dueAt);
      }
    }
    this.#settle([job, ...(this.graph?.changed(job.id) ?? [])]);
  }

  remove(jobId: string): void {
    this.#jobs.delete(jobId);
    this.#queue.remove(jobId);
    this.#times.delete(jobId);
    this.graph?.remove(jobId);
  }

  /** Adds or removes the array: it may have got tasks that may start, or have none left. */
  tasksChanged({ row }: Pick<JobRow, 'row'>): void {
    const [array] = this.#deps.store.read([this.#deps.store.jobs.byRow(row)]);
    if (array) this.add(array);
  }

  /** Removes the tasks that wait for another attempt, and the array itself unless it has others that may start. */
  tasksCancelled({ row }: Pick<JobRow, 'row'>): void {
    for (const { id, task } of this.#jobs.values()) if (task?.row === row) this.remove(id);
    this.tasksChanged({ row });
  }

  readonly get = (jobId: string): JobRow | undefined => this.#jobs.get(jobId);

  /** Jobs that depend on this one may start, or never will. */
  changed(jobId: string): void {
    const dependents = this.graph?.changed(jobId) ?? [];
    this.#settle(dependents);
    if (dependents.length > 0) this.startNext();
  }

  took(job: JobRow): void {
    this.#slots.take(job);
  }

  /** Its end is recorded: jobs that waited for that compete for the slot. */
  freed(job: JobRow): void {
    this.#slots.free(job);
    this.#settle(this.graph?.changed(job.id) ?? []);
    this.startNext();
  }

  requeued(job: JobRow): void {
    if (this.hasAdopted && isWaiting(job.status)) this.add(job);
  }

  /** Starts all jobs that may start now: many in several turns of the event loop. */
  startNext(): void {
    // Not again from within: a start that fails at once makes other jobs ready.
    if (this.#isStarting) return;
    this.#isStarting = true;
    try {
      let left = startsInATurn;
      while (left-- > 0 && this.#startOne());
      if (left < 0) this.#startLater(0);
    } finally {
      this.#isStarting = false;
    }
  }

  /** @returns the jobs of its session whose position this changes, with the new one: store them, then add them again */
  move(jobId: string, to: Direction | { before: string }): JobRow[] {
    return this.#queue.move(jobId, to).flatMap(({ id, queueKey }) => {
      const job = this.#jobs.get(id);
      return job ? { ...job, queueKey } : [];
    });
  }

  readonly isQueued = (jobId: string): boolean => this.#queue.has(jobId);

  /** The waiting jobs: first those that may start, in their order, then the others, by time. */
  inOrder(): JobRow[] {
    const queued = this.#queue.order({ now: this.#deps.now() }, this.#slots);
    const others = [...this.#jobs.values()].filter(({ id }) => !this.#queue.has(id)).sort(byTime);
    return [...queued.flatMap((id) => this.#jobs.get(id) ?? []), ...others];
  }

  /** What a new job of the session would wait for if it needed nothing else; null if there is room. */
  limitFor(spec: Pick<JobRow['spec'], 'session' | 'runner'>): NoRoom | null {
    return limitOf(spec, this.#slots, this.#deps.settings.current, this.#gate);
  }

  /** Whether a new job would start at once: nothing else is queued, and there is room for it. */
  startsAtOnce(spec: JobRow['spec']): boolean {
    return (this.#queue.size === 0 || isElsewhere(spec)) && this.hasRoomFor(spec);
  }

  /** Whether a new job waits for nothing. */
  hasRoomFor(spec: JobRow['spec']): boolean {
    return mayStart(spec, this.#slots, this.#deps.settings.current) && this.limitFor(spec) === null;
  }

  /** The job was started without being queued: it counts as the turn of its session. */
  startedAtOnce(job: JobRow): void {
    this.#queue.noteServed(job.session);
    this.#gate.noteStart(job);
  }

  /** Why a waiting job has not started; null if it is about to. */
  waitingFor(job: JobRow): WaitingFor | null {
    if (this.schedules.isLater(job)) return timeOf(job);
    const array = job.task && this.#jobs.get(job.task.array);
    if (array && isWaiting(array.status)) return this.waitingFor(array);
    const rules = this.#deps.settings.current;
    return waitReason(job, this.#judge(job), this.limitFor(job.spec), { rules, slots: this.#slots });
  }

  /** Calculates times again: they may come from a clock that was wrong. */
  clockSetBack(): void {
    this.#eachTimed((job) => this.schedules.clockSetBack(job));
  }

  /** The clock was set by so many milliseconds. */
  clockStepped(byMs: number): void {
    this.#gate.clockStepped(byMs);
    this.#eachTimed((job) => this.add(this.schedules.clockStepped(job, byMs)));
    this.startNext(); // Some may be due by now.
  }

  dispose(): void {
    clearTimeout(this.#retry);
    this.#times.dispose();
  }

  #startOne(): boolean {
    if (this.#deps.settings.current.queuePaused || this.#jobs.size === 0) return false;
    const { look, options } = this.#gate.rules(this.#slots);
    const next = this.#queue.take(options);
    if (look.againMs < Infinity) this.#startLater(look.againMs);
    const job = next && this.#jobs.get(next.id);
    if (!job) return false;
    // A job that it depends on may have been removed since it was queued.
    if (this.#judge(job).verdict !== 'met') {
      this.#settle([job]);
      return true;
    }
    this.#jobs.delete(job.id);
    this.graph?.remove(job.id);
    try {
      this.#start(job);
      this.#settle(this.graph?.changed(job.id) ?? []);
      return true;
    } catch (error) {
      this.add(job);
      this.#logFailure(job, error);
      this.#startLater(diskRetryMs);
      return false;
    }
  }

  /** Of an array the next task: then it waits again, with the others. */
  #start(job: JobRow): void {
    const { store, start } = this.#deps;
    const next = job.spec.array ? store.read([store.arrays.tasks.next(job.row)]) : [job];
    next.forEach(start);
    this.#gate.noteStart(job);
    if (job.spec.array) this.tasksChanged(job);
  }

  /** Puts jobs into the queue or takes them out by their dependencies, then also the dependents of those it cancels. */
  #settle(jobs: readonly JobRow[]): void {
    const left = [...jobs];
    for (let job = left.pop(); job; job = left.pop()) {
      const isQueueable = job.status === 'pending' || job.spec.array;
      if (!isQueueable || !this.#jobs.has(job.id) || this.#times.has(job.id)) continue;
      const { verdict, blocking } = this.#judge(job);
      if (verdict !== 'met') this.#queue.remove(job.id);
      else if (!this.#queue.has(job.id)) this.#queue.add(job);
      if (verdict !== 'failed') continue;
      this.#orLater(job, () => {
        const cause = { reason: 'dependency_failed', text: blocking.map(failureText).join(', ') } as const;
        this.#deps.store.moveJob(job, 'cancelled', cause);
        this.remove(job.id);
        left.push(...(this.graph?.changed(job.id) ?? []));
      });
    }
  }

  /** Jobs that are due at the same time compete for the slots together. */
  #due(ids: readonly string[]): void {
    const jobs = ids.flatMap((id) => this.#jobs.get(id) ?? []).sort(byTime);
    this.#isStarting = true;
    for (const job of jobs) {
      this.#orLater(job, () => (job.status === 'scheduled' ? this.schedules.due(job) : this.#settle([job])));
    }
    this.#isStarting = false;
    this.startNext();
  }

  #startLater(ms: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.startNext(), ms);
  }

  /** Tries again later what cannot be recorded now because the disk is full. */
  #orLater(job: JobRow, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#logFailure(job, error);
      this.#times.set(job.id, this.#deps.now() + diskRetryMs);
    }
  }

  #logFailure({ id }: JobRow, error: unknown): void {
    this.#deps.log(`Job ${id} could not continue yet: ${String(error)}`);
  }

  #eachTimed(work: (job: JobRow) => void): void {
    for (const job of this.inOrder().filter(({ id }) => this.#times.has(id))) {
      try {
        work(job);
      } catch (error) {
        this.#logFailure(job, error);
      }
    }
  }

  /** What an array waited for came true before its first task. */
  #judge(job: JobRow): Outcome {
    const outcome = isWaiting(job.status) ? this.graph?.judge(job) : undefined;
    return outcome ?? { verdict: 'met', blocking: [] };
  }
}
