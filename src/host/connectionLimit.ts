import { readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';

/** Descriptors that stay free for starts and for reading logs. */
const reserve = 24;
const leastConnections = 4;
/** Between two warnings (milliseconds). */
const warnEveryMs = 60_000;

/**
 * Turns clients away before the descriptors of this process run out: the system would reset their connections without a
 * word, and no job could be started. Only where the system tells the limit (Linux).
 */
export function limitConnections(server: Server, warn: (message: string) => void): void {
  const limit = descriptorLimit();
  if (limit === undefined) return;
  server.maxConnections = Math.max(leastConnections, limit - readdirSync('/proc/self/fd').length - reserve);
  let warnedAt = -warnEveryMs;
  server.on('drop', () => {
    if (performance.now() - warnedAt < warnEveryMs) return;
    warnedAt = performance.now();
    const text = `This process may have ${limit} files open, and ${server.maxConnections} clients are connected`;
    warn(`${text}: another one was turned away. Close clients, or start the job host with a higher limit (ulimit -n).`);
  });
}

function descriptorLimit(): number | undefined {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
