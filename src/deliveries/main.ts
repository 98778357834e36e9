import { setTimeout as delay } from 'node:timers/promises';
import type { JobService } from '../api/endpoints.ts';
import type { JobEvent } from '../api/events.ts';
import type { Hook, HookTest } from '../api/hooks.ts';
import type { Job } from '../api/job.ts';
import { isEnded } from '../api/values.ts';
import { Failure } from './failure.ts';
import { isTriedAgain } from './finalEnd.ts';
import { concerns, matchMessage, messageOf, moreMessage, testMessage, type Message } from './message.ts';
import { Outbox, type Pending } from './outbox.ts';
import { Rate } from './rate.ts';
import { send } from './send.ts';

export interface DeliveryDeps {
  readonly service: Pick<JobService, 'events' | 'getEvents' | 'listJobs' | 'waitForJob'>;
  /** Number of the newest event. */
  readonly newest: number;
  /** The file of the outbox. */
  readonly path: string;
  /** Records in the events of a job what was delivered and what was not. */
  readonly note: (jobId: string, text: string) => void;
  readonly warn: (message: string) => void;
  /** Called whenever the result of `isIdle` may have changed. */
  readonly onIdleChanged: () => void;
}

/** Before each further attempt: a receiver that is away for an hour gets its messages. Milliseconds. */
const delaysMs = [1000, 5000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000];

/** Delivers what hooks are told, in order for each hook, and tries again what was not delivered. */
export class Deliveries {
  readonly #deps: DeliveryDeps;
  readonly #outbox: Outbox;
  readonly #closing = new AbortController();
  readonly #rates = new Map<string, Rate>();
  /** Hooks that are delivering, or wait for their next attempt. */
  readonly #busy = new Map<string, Promise<void>>();
  /** Runs whose output is searched for the pattern of a hook. */
  readonly #searches = new Map<string, AbortController>();
  #hooks: readonly Hook[] = [];
  #following: Promise<void> | undefined;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#outbox = new Outbox(deps.path, deps.newest, deps.warn);
  }

  get isIdle(): boolean {
    return this.#outbox.pending.length === 0;
  }

  /** What is there from now on. Messages to hooks that are no more are dropped. */
  async use(hooks: readonly Hook[]): Promise<void> {
    this.#hooks = hooks;
    this.#outbox.pending = this.#outbox.pending.filter(({ message }) => this.#hook(message.hook));
    this.#stopSearches();
    this.#following ??= this.#follow();
    for (const { name } of hooks) this.#deliver(name);
    if (!hooks.some(({ pattern }) => pattern !== undefined)) return;
    const { jobs } = await this.#deps.service.listJobs({ status: 'running', limit: 1000 });
    for (const job of jobs) this.#search(job);
  }

  async test(name: string): Promise<HookTest | undefined> {
    const hook = this.#hook(name);
    if (!hook) return undefined;
    try {
      await send(hook.target, testMessage(hook, Date.now()), this.#closing.signal);
      return { delivered: true, error: null };
    } catch (error) {
      return { delivered: false, error: (error as Error).message };
    }
  }

  /** Deliveries under way are broken off; the next start makes them. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#stopSearches();
    await Promise.allSettled([this.#following, ...this.#busy.values()]);
    this.#save();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    try {
      const events = this.#deps.service.events({ since: this.#outbox.cursor }, signal);
      for await (const event of events) if (!(await isTriedAgain(this.#deps.service, event))) this.#see(event);
    } catch (error) {
      if (!signal.aborted)
        this.#deps.warn(`Hooks are told nothing more until the job host is restarted: ${String(error)}`);
    }
  }

  #see(event: JobEvent): void {
    this.#outbox.cursor = event.seq;
    const found = this.#hooks.flatMap((hook) => messageOf(hook, event) ?? []);
    for (const message of found) this.#add(message);
    const { type, to, job } = event;
    if (!job || type !== 'status' || to === null) return;
    if (to === 'running') this.#search(job);
    else if (isEnded(to)) this.#forgetSearches(job);
  }

  #add(message: Message): void {
    const { hook } = message;
    const rate = this.#rates.get(hook) ?? new Rate((count) => this.#more(hook, count));
    this.#rates.set(hook, rate);
    if (!rate.take()) return;
    this.#push(message);
  }

  #more(name: string, count: number): void {
    const hook = this.#hook(name);
    if (hook) this.#push(moreMessage(hook, count, Date.now()));
  }

  #push(message: Message): void {
    this.#outbox.pending.push({ message, attempts: 0, dueAt: 0 });
    this.#save();
    this.#deliver(message.hook);
  }

  #deliver(name: string): void {
    if (this.#busy.has(name) || !this.#next(name)) return;
    const done = this.#deliverAll(name).finally(() => {
      this.#busy.delete(name);
      this.#deps.onIdleChanged();
      // What came in between.
      if (!this.#closing.signal.aborted) this.#deliver(name);
    });
    this.#busy.set(name, done);
  }

  async #deliverAll(name: string): Promise<void> {
    const { signal } = this.#closing;
    for (let next = this.#next(name); next && !signal.aborted; next = this.#next(name)) {
      const waitMs = next.dueAt - Date.now();
      if (waitMs > 0) await delay(Math.min(waitMs, longestWaitMs), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (next.dueAt > Date.now() + longestWaitMs) next.dueAt = Date.now(); // The clock was set back.
      if (next.dueAt <= Date.now()) await this.#attempt(next);
    }
  }

  async #attempt(next: Pending): Promise<void> {
    const { message } = next;
    const target = this.#hook(message.hook)?.target;
    if (!target) return this.#done(next);
    try {
      await send(target, message, this.#closing.signal);
      this.#done(next, `${message.hook}: ${message.event} delivered`);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      const { isFinal, retryAfterMs = 0 } = error instanceof Failure ? error : { isFinal: false };
      const wait = delaysMs[next.attempts++];
      if (isFinal || wait === undefined) {
        const reason = (error as Error).message;
        this.#deps.warn(`The hook ${message.hook} was not told "${message.text}": ${reason}`);
        return this.#done(next, `${message.hook}: ${message.event} not delivered: ${reason}`);
      }
      next.dueAt = Date.now() + Math.min(Math.max(wait, retryAfterMs), longestWaitMs);
      this.#save();
    }
  }

  #done(done: Pending, text?: string): void {
    this.#outbox.pending = this.#outbox.pending.filter((one) => one !== done);
    this.#save();
    if (text !== undefined && done.message.job) this.#deps.note(done.message.job.id, text);
  }

  #search(job: Job): void {
    for (const hook of this.#hooks) {
      const key = `${hook.name} ${job.id}.${job.run ?? 0}`;
      if (hook.pattern === undefined || !concerns(hook, job)) continue;
      if (this.#searches.has(key) || this.#outbox.matched.has(key)) continue;
      const search = new AbortController();
      this.#searches.set(key, search);
      void this.#searchFor(hook, hook.pattern, job, key, search.signal).finally(() => this.#searches.delete(key));
    }
  }

  async #searchFor(hook: Hook, pattern: string, job: Job, key: string, signal: AbortSignal): Promise<void> {
    try {
      const { match, job: now } = await this.#deps.service.waitForJob(job.id, { for: pattern }, signal);
      if (match === null || signal.aborted) return;
      this.#outbox.matched.add(key);
      this.#add(matchMessage(hook, now, match));
    } catch (error) {
      if (!signal.aborted)
        this.#deps.warn(`The hook ${hook.name} cannot search the output: ${(error as Error).message}`);
    }
  }

  /** Of a job that has ended: its searches end by themselves, at the end of the output. */
  #forgetSearches({ id }: Job): void {
    for (const key of this.#outbox.matched) if (key.includes(` ${id}.`)) this.#outbox.matched.delete(key);
  }

  #stopSearches(): void {
    for (const search of this.#searches.values()) search.abort();
    this.#searches.clear();
  }

  #next(name: string): Pending | undefined {
    return this.#outbox.pending.find(({ message }) => message.hook === name);
  }

  #hook(name: string): Hook | undefined {
    return this.#hooks.find((hook) => hook.name === name);
  }

  #save(): void {
    try {
      this.#outbox.save();
    } catch (error) {
      this.#deps.warn(`${this.#deps.path} cannot be written, so messages of hooks may be lost: ${String(error)}`);
    }
  }
}

/** Also what a receiver may ask for. Milliseconds. */
const longestWaitMs = 3_600_000;
