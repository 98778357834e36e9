import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls until there is a result.
 * @throws Error that names the awaited condition if there is no result after `timeoutMs`
 */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`timed out waiting: ${what}`);
    await delay(20);
  }
}
