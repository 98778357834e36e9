import { isElsewhere } from '../../api/values.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { type OverQuota, overQuota } from './quotaRules.ts';
import type { SchedulerDeps } from './schedules.ts';
import type { Slots } from './slots.ts';
import { StartTimes } from './startTimes.ts';
import { freshMs } from './waitingQueue.ts';

type GateDeps = Pick<SchedulerDeps, 'settings' | 'shortage' | 'store' | 'now'>;

/** What keeps jobs from starting that have their turn and a slot: pauses, quotas, and what the machine is short of. */
export class StartGate {
  readonly #deps: GateDeps;
  readonly #starts: StartTimes;

  constructor(deps: GateDeps) {
    this.#deps = deps;
    this.#starts = new StartTimes((since) => deps.store.events.startsSince(since), deps.now);
  }

  /** @param session its quotas; those of all jobs together if it is left out */
  readonly overQuota = (session?: string): OverQuota | null =>
    overQuota(this.#deps.settings.current, this.#starts, session);

  get shortage(): () => string | null {
    return this.#deps.shortage;
  }

  noteStart({ spec, session }: Pick<JobRow, 'spec' | 'session'>): void {
    if (!isElsewhere(spec)) this.#starts.note(session);
  }

  /** The clock was set by so many milliseconds. */
  clockStepped(byMs: number): void {
    this.#starts.clockStepped(byMs);
  }

  /** For the queue. `againMs` is in how many milliseconds to look again because a job was held back here; Infinity if none was. */
  rules(slots: Slots) {
    const { settings, now } = this.#deps;
    const limits = settings.current;
    const look = { againMs: Infinity };
    const isOverQuota = (session?: string): boolean => {
      const over = this.overQuota(session);
      if (over) look.againMs = Math.min(look.againMs, Math.max(1, Date.parse(over.until) - now()));
      return over !== null;
    };
    const isHeldBack = (): boolean => {
      if (isOverQuota()) return true;
      if (this.#deps.shortage() === null) return false;
      look.againMs = freshMs;
      return true;
    };
    const isPaused = (session: string): boolean => limits.pausedSessions.includes(session);
    return { look, options: { limits, slots, isPaused, isOverQuota, isHeldBack, now: now() } };
  }
}
