/** A number that the product has set itself, and whether it was reached. */
export interface Reach {
  readonly text: string;
  readonly isReached: boolean;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  /** What it is compared with, measured in the same run. */
  readonly peer?: string;
  readonly ratio?: number;
  /** Left out: told for comparison, nothing to reach. */
  readonly reach?: Reach;
}

export interface Outcome {
  readonly rows: readonly Row[];
  /** What a reader must know to judge the rows. */
  readonly notes?: readonly string[];
}

export interface Context {
  /** The folder of the production bundles, as they ship: made for this run. */
  readonly dist: string;
}

/** A page of the documentation with one table. */
export interface Page {
  /** In docs/. */
  readonly file: string;
  readonly title: string;
  readonly about: string;
}

export interface Bench {
  readonly name: string;
  /** Where `--write` puts it. */
  readonly page: Page;
  readonly run: (context: Context) => Promise<Outcome>;
}

export function atMost(value: number, limit: number, unit: string): Reach {
  return { text: `≤ ${limit}${unit}`, isReached: value <= limit };
}

export function atLeast(value: number, limit: number, unit: string): Reach {
  return { text: `≥ ${limit}${unit}`, isReached: value >= limit };
}
