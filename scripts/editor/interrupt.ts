import { parentOf } from './processes.ts';

/**
 * Calls `stop` once, when this process is asked to end or when the processes that started it have exited, so that
 * killing them leaves no editor behind.
 */
export function onInterrupt(stop: () => void): void {
  const before = starters();
  const watch = setInterval(() => starters() !== before && interrupted(), 500);
  watch.unref();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupted);

  function interrupted(): void {
    clearInterval(watch);
    // The signals stay caught, so that a second Ctrl+C does not interrupt the cleanup that the first one started.
    const first = stop;
    stop = () => undefined;
    first();
  }
}

/**
 * The parent of this process and, under npm, the parent's parent: the shell of the npm script. It is the only process
 * that npm ends when npm itself is asked to end.
 */
function starters(): string {
  const parent = process.ppid;
  return process.env.npm_lifecycle_event ? `${parent} ${parentOf(parent)}` : `${parent}`;
}
