import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until there is an answer.
 * @throws Error that names what was waited for, when there is none after `timeoutMs`
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
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await delay(20);
  }
}
