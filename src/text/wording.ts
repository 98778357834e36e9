/**
 * The room of words: every sentence about a job, a run, a schedule, a wait, a failure or a limit that a person or an
 * agent reads. All fronts may import it; it imports the API alone. The translator is handed in, so that the tree, the
 * terminal and the tools say the same.
 */
import { english, type Translate } from './grammar.ts';
import { ago, atTime, coarseTime, fromNow } from './timeText.ts';

/** How a front words what it says about jobs. */
export interface Wording {
  readonly t: Translate;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A past time, for example `2026-11-20T17:30:00.000Z (5m ago)`. */
  readonly past: (time: string) => string;
  /** A future time, as it follows "starts": `at 17:30 (in 5m)`. */
  readonly future: (time: string) => string;
  /** What a job is called, by its id. */
  readonly nameOf: NameOf;
  /** Whether there is room for little: a row of the tree. */
  readonly isShort: boolean;
}

export type { Translate } from './grammar.ts';
export type NameOf = (id: string) => string;

export const shortId: NameOf = (id) => id.slice(0, 8);

export function editorWording(t: Translate, now: number, nameOf = shortId): Wording {
  const past = (time: string): string => new Date(time).toLocaleString();
  return { t, now, past, future: coarseTime(now, t), nameOf, isShort: true };
}

/** For people at a terminal, by their own clock. */
export function terminalWording(now: number): Wording {
  const past = (time: string): string => `${time} (${ago(time, now)})`;
  return { t: english, now, past, future: fromNow(now), nameOf: shortId, isShort: false };
}

/** For agents and programs: times in UTC. */
export function agentWording(now: number): Wording {
  return { t: english, now, past: (time) => time, future: atTime, nameOf: shortId, isShort: false };
}
