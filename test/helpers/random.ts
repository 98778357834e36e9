/** Returns integers from 0 up to, but not including, `limit`. */
export type RandomNumbers = (limit: number) => number;

/** Pseudorandom numbers, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): RandomNumbers {
  return (limit) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/**
 * Runs a test with a new seed each time, or with the seed in `TEST_SEED`. An error names the seed, so that the run can
 * be repeated.
 */
export async function withRandomNumbers(test: (random: RandomNumbers) => Promise<void>): Promise<void> {
  const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
  try {
    await test(randomNumbers(seed));
  } catch (error) {
    throw new Error(`With TEST_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
