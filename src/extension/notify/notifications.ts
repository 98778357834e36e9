/**
 * Notifications of ended jobs. The extension's start and its commands import the room; it imports the model and the
 * texts.
 */
import { createRequire } from 'node:module';
import { noticesBundle } from '../../bundles.ts';
import type * as Bundle from './notices.ts';

/** Expected ends that are remembered; they come within seconds. */
const rememberedStops = 1000;

/** Notifies about the ends of this window's jobs. Loads the code for that when the first job ends. */
export class Notifications {
  readonly #parts: Bundle.NoticeParts;
  readonly #subscriptions;
  readonly #expected = new Set<string>();
  #notices: Bundle.Notices | undefined;

  constructor(parts: Bundle.NoticeParts) {
    this.#parts = parts;
    this.#subscriptions = [
      parts.model.onDidEnd((end) => this.#loaded().ended(end)),
      parts.model.onDidChange(({ all }) => {
        if (all && parts.wanted.ids().length > 0) void this.#loaded().findWanted();
      }),
    ];
  }

  /** This window is about to end this run, or its agent has been told: do not notify about its end. */
  expect(jobId: string, run: number | null): void {
    this.#expected.add(`${jobId}.${run}`);
    const [oldest] = this.#expected;
    if (this.#expected.size > rememberedStops && oldest !== undefined) this.#expected.delete(oldest);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#notices?.dispose();
  }

  #loaded(): Bundle.Notices {
    if (this.#notices) return this.#notices;
    const { Notices } = createRequire(noticesBundle)(noticesBundle) as typeof Bundle;
    const expected = { has: (jobId: string, run: number | null) => this.#expected.has(`${jobId}.${run}`) };
    return (this.#notices = new Notices(this.#parts, expected));
  }
}
