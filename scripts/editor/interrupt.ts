import { parentOf } from './processes.ts';

/**
 * Calls `stop` once, when this process is asked to end or when those that started it have gone: whoever is killed above
 * us must not leave an editor behind.
 */
export function onInterrupt(stop: () => void): void {
  const before = starters();
  const watch = setInterval(() => starters() !== before && interrupted(), 500);
  watch.unref();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupted);

  function interrupted(): void {
    clearInterval(watch);
    // The signals stay caught: a second Ctrl+C must not cut off what the first one has begun.
    const first = stop;
    stop = () => undefined;
    first();
  }
}

/**
 * Our parent, and under npm its parent too: that is the shell of the npm script, the only process that npm ends when
 * it is told to end itself.
 */
function starters(): string {
  const parent = process.ppid;
  return process.env.npm_lifecycle_event ? `${parent} ${parentOf(parent)}` : `${parent}`;
}
