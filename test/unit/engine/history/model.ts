import type { RetryOption } from '../../../../src/api/options.ts';
import { isEnded, isWaiting, next, type ModelEnd, type ModelJob, type ModelSpec } from './modelJob.ts';
import { ModelQueue } from './modelQueue.ts';

const missedMs = 60_000;

/** What the engine is to do, said as simply as possible: at each decision everybody is looked at. */
export class Model extends ModelQueue {
  /** Job and run, in order. */
  readonly starts: string[] = [];
  /** By how much the clock was set (milliseconds). */
  #stepped = 0;

  create(spec: ModelSpec, schedule?: ModelJob): ModelJob {
    const job: ModelJob = {
      id: '',
      row: this.jobs.length,
      spec,
      status: 'held',
      run: 0,
      series: 0,
      ages: [],
      hadProcesses: false,
      queuedAt: this.now,
      queueKey: undefined,
      dueAt: spec.held ? undefined : this.#firstTime(spec),
      isTimed: false,
      gaveUp: false,
      reason: undefined,
      schedule,
      isRemoved: false,
    };
    if (!spec.held) job.status = job.dueAt === undefined ? 'pending' : 'scheduled';
    this.jobs.push(job);
    this.#wait(job);
    return job;
  }

  start(spec: ModelSpec): void {
    this.create(spec);
    this.settle();
  }

  /** All that follows from what is. */
  settle(): void {
    for (;;) {
      const lost = this.there.find((job) => this.mayWait(job) && this.verdict(job) === 'failed');
      if (lost) this.#cancel(lost, 'dependency_failed');
      else {
        const next = this.nextToStart();
        if (!next) return;
        this.#begin(next);
      }
    }
  }

  /** The clock is looked at: what is due is done together. */
  look(): void {
    const due = this.there.filter(({ isTimed, dueAt }) => isTimed && dueAt !== undefined && dueAt <= this.now);
    due.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.row - b.row);
    for (const job of due) {
      if (job.status === 'pending') job.isTimed = false;
      else if (job.status === 'scheduled') this.#due(job);
    }
    this.settle();
  }

  /** The clock was set: what waits for a delay waits as long as before. */
  step(ms: number): void {
    this.#stepped += ms;
    for (const job of this.there) {
      if (!job.isTimed || job.dueAt === undefined || job.status !== 'pending') continue;
      job.dueAt += ms;
      this.#wait(job);
    }
  }

  /** The clock was set back by hours. */
  reckonAnew(): void {
    for (const job of this.there) {
      if (!job.isTimed || job.dueAt === undefined) continue;
      const { everyMs, retry, restart } = job.spec;
      if (job.status === 'pending') {
        job.dueAt = Math.min(job.dueAt, this.now + ((retry ?? restart)?.maxDelayMs ?? 0));
        this.#wait(job);
      } else if (everyMs !== undefined) job.dueAt = next(everyMs, this.now);
    }
  }

  get nextDue(): number {
    return Math.min(...this.there.flatMap(({ isTimed, dueAt }) => (isTimed && dueAt !== undefined ? [dueAt] : [])));
  }

  end(job: ModelJob, end: ModelEnd, follow: 'pending' | 'held' | undefined = undefined): void {
    job.status = end.status;
    if (follow) this.#requeue(job, follow, undefined);
    else this.#after(job, end, null);
  }

  cancel(job: ModelJob): void {
    this.#cancel(job, 'user');
    this.settle();
  }

  hold(job: ModelJob): void {
    if (job.status !== 'held') this.#requeue(job, 'held', undefined);
    this.settle();
  }

  release(job: ModelJob): void {
    if (job.status === 'scheduled') this.#startNow(job);
    else if (job.status === 'pending') Object.assign(job, { dueAt: undefined, isTimed: false });
    else {
      const dueAt = this.#firstTime(job.run === 0 ? job.spec : { ...job.spec, at: undefined });
      this.#requeue(job, dueAt === undefined ? 'pending' : 'scheduled', dueAt);
    }
    this.settle();
  }

  restart(job: ModelJob): void {
    const dueAt = this.#firstTime({ ...job.spec, at: undefined });
    this.#requeue(job, dueAt === undefined ? 'pending' : 'scheduled', dueAt);
    this.settle();
  }

  change(job: ModelJob, change: Partial<Pick<ModelSpec, 'priority' | 'dependsOn'>>): void {
    job.spec = { ...job.spec, ...change };
    job.queueKey = undefined;
    this.#wait(job);
    this.settle();
  }

  remove(job: ModelJob): void {
    job.isRemoved = true;
    this.settle();
  }

  /** Another host: what ran and has ended meanwhile is known first; it remembers no turns. */
  reopen(ended: ReadonlyMap<ModelJob, ModelEnd>, step: number, wasSetBack: boolean): void {
    for (const [job, end] of ended) this.end(job, end);
    this.served = [];
    for (const job of this.there) if (isWaiting(job)) this.#wait(job);
    this.step(step);
    if (wasSetBack) this.reckonAnew();
    this.settle();
  }

  /** Whether `job` would wait for itself if it needed `needed`. */
  hasCircle(job: ModelJob, needed: readonly ModelJob[]): boolean {
    const left = [...needed];
    const seen = new Set<ModelJob>();
    for (let one = left.pop(); one; one = left.pop()) {
      if (one === job) return true;
      if (seen.has(one)) continue;
      seen.add(one);
      if (isWaiting(one) || one.status === 'running') left.push(...one.spec.dependsOn.map(({ on }) => on));
    }
    return false;
  }

  #wait(job: ModelJob): void {
    const isLater = job.dueAt !== undefined && job.dueAt > this.now;
    job.isTimed = job.status === 'scheduled' || (job.status === 'pending' && isLater);
  }

  #requeue(job: ModelJob, status: 'pending' | 'held' | 'scheduled', dueAt: number | undefined): void {
    if (status === 'pending') job.queuedAt = this.now;
    Object.assign(job, { status, dueAt, series: job.run, gaveUp: false, queueKey: undefined, reason: undefined });
    this.#wait(job);
  }

  #cancel(job: ModelJob, reason: string): void {
    Object.assign(job, { status: 'cancelled', dueAt: undefined, isTimed: false, queueKey: undefined, reason });
    Object.assign(job, { series: job.run, gaveUp: false });
  }

  #begin(job: ModelJob): void {
    this.served.push(job.spec.session);
    Object.assign(job, { status: 'running', run: job.run + 1, dueAt: undefined, queueKey: undefined });
    job.hadProcesses = job.spec.starts === 'well';
    // Of a run without processes only the time is known, which counts anew when the clock has been set.
    const at = this.now;
    const isKnown = job.hadProcesses;
    const stepped = this.#stepped;
    job.ages.push((end) => (isKnown ? end - this.#stepped - (at - stepped) : Math.max(0, end - at)));
    this.starts.push(`${job.row}.${job.run}`);
    if (job.hadProcesses) return;
    job.status = 'failed';
    this.#after(job, { status: 'failed', exitCode: null, at: this.now }, job.spec.starts);
  }

  #after(job: ModelJob, { status, exitCode, at }: ModelEnd, start: ModelSpec['starts'] | null): void {
    const { retry, restart } = job.spec;
    const attempts = job.run - job.series;
    const failed = status === 'failed' && start !== 'missing';
    const listed = !retry?.exitCodes || (exitCode !== null && retry.exitCodes.includes(exitCode));
    const windowMs = restart?.windowMs ?? 0;
    const recent = job.ages.slice(job.series + 1).filter((age) => age(at) < windowMs).length;
    if (retry && failed && listed) this.#again(job, at, attempts < retry.maxAttempts, retry, attempts - 1);
    else if (
      restart &&
      restart.policy !== 'never' &&
      (failed || (restart.policy === 'always' && status === 'completed'))
    )
      this.#again(job, at, recent < restart.maxRestarts, restart, recent);
  }

  #again(job: ModelJob, at: number, may: boolean, delay: Omit<RetryOption, 'maxAttempts'>, before: number): void {
    if (!may) {
      job.gaveUp = true;
      return;
    }
    const delayMs = Math.min(delay.maxDelayMs, delay.delayMs * delay.backoffFactor ** before);
    Object.assign(job, { status: 'pending', queuedAt: at, dueAt: at + Math.round(delayMs) });
    this.#wait(job);
  }

  #firstTime({ at, everyMs }: Pick<ModelSpec, 'at' | 'everyMs'>): number | undefined {
    if (everyMs !== undefined) return next(everyMs, this.now);
    return at !== undefined && at > this.now ? at : undefined;
  }

  #startNow(job: ModelJob): void {
    if (job.spec.everyMs === undefined) this.#requeue(job, 'pending', undefined);
    else this.#make(job);
  }

  #due(job: ModelJob): void {
    const { everyMs, ifMissed, ifOverlap } = job.spec;
    const dueAt = job.dueAt ?? 0;
    const isMissed = ifMissed === 'skip' && this.now - dueAt > missedMs;
    if (everyMs === undefined) {
      if (isMissed) this.#cancel(job, 'missed');
      else this.#requeue(job, 'pending', undefined);
      return;
    }
    job.dueAt = next(everyMs, Math.max(this.now, dueAt));
    const unfinished = this.there.filter((one) => one.schedule === job && !isEnded(one)).length;
    const most = { skip: 0, queue: 1, start: Infinity };
    if (!isMissed && unfinished <= most[ifOverlap]) this.#make(job);
  }

  #make(schedule: ModelJob): void {
    const { mutex, ifOverlap } = schedule.spec;
    const own = mutex ?? (ifOverlap === 'queue' ? `schedule ${schedule.row}` : undefined);
    this.create({ ...schedule.spec, everyMs: undefined, held: false, mutex: own }, schedule);
  }
}
