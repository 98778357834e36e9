/**
 * Runs the variants alternately, A B A B …, so that all are equally affected when the machine gets slower or faster.
 * @returns the results of each variant by name, one per round
 */
export async function inTurn<Name extends string, T>(
  rounds: number,
  variants: Readonly<Record<Name, () => Promise<T>>>,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(variants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) results[name].push(await variants[name]());
  }
  return results;
}

/** The median of the ratios of each round, so that a disturbance of a whole round cancels out. */
export function pairedRatio(ours: readonly number[], peer: readonly number[]): number {
  return median(ours.map((value, round) => value / (peer[round] ?? NaN)));
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

/** The median, with the minimum and maximum in parentheses. */
export function spread(values: readonly number[], unit: string, digits: number): string {
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)].map((value) =>
    value.toFixed(digits),
  );
  return values.length === 1 ? `${middle}${unit}` : `${middle}${unit} (${least}–${most})`;
}

/** How long `work` takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Runs `work` `count` times, `concurrency` at a time. @returns runs per second */
export async function perSecond(count: number, concurrency: number, work: () => Promise<void>): Promise<number> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await work();
  };
  const ms = await timed(() => Promise.all(Array.from({ length: concurrency }, worker)));
  return (count / ms) * 1000;
}
