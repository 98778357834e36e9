import type { Peers } from './peers.ts';

/** A target of the product, and whether it was reached. */
export interface Reach {
  readonly text: string;
  readonly isReached: boolean;
}

/** One row of the table. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  /** The value of the peer, measured in the same run. */
  readonly peer?: string;
  readonly ratio?: number;
  /** Absent: the row is there for comparison and has no target. */
  readonly reach?: Reach;
}

export interface Outcome {
  readonly rows: readonly Row[];
  /** What a reader needs to know to interpret the rows. */
  readonly notes?: readonly string[];
}

export interface Context {
  /** Folder of the production bundles, built for this run. */
  readonly dist: string;
  /** Finds the programs that ours is compared with, once. */
  readonly peers: () => Promise<Peers>;
}

/** A page of the documentation with one table. */
export interface Page {
  /** File name in docs/. */
  readonly file: string;
  readonly title: string;
  readonly about: string;
}

export interface Bench {
  readonly name: string;
  /** The page that `--write` writes. */
  readonly page: Page;
  /** It takes minutes, so `--quick` leaves it out unless it is named. */
  readonly isLong?: boolean;
  readonly run: (context: Context) => Promise<Outcome>;
}

export function atMost(value: number, limit: number, unit: string): Reach {
  return { text: `≤ ${limit}${unit}`, isReached: value <= limit };
}

export function atLeast(value: number, limit: number, unit: string): Reach {
  return { text: `≥ ${limit}${unit}`, isReached: value >= limit };
}
