import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What host.json says of the running host. A host that was killed leaves it behind: only an answer proves it true. */
export interface HostRecord {
  /** Path of a Unix socket, or name of a Windows pipe. */
  endpoint: string;
  token: string;
  pid: number;
  version: string;
  protocol: number;
  /** ISO 8601. */
  startedAt: string;
}

/** @returns undefined when there is none, or none that can be understood */
export function readHostRecord(path: string): HostRecord | undefined {
  try {
    return understood(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** By rename, so that a reader sees all of it or nothing; readable by its owner alone, because of the token. */
export function writeHostRecord(path: string, record: HostRecord): void {
  const draft = `${path}.${record.pid}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

export function removeHostRecord(path: string): void {
  rmSync(path, { force: true });
}

/** By hand: every window reads it when it opens, and a library for that would take longer than all the rest. */
function understood(value: unknown): HostRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { endpoint, token, pid, version, protocol, startedAt } = value as Record<keyof HostRecord, unknown>;
  if (typeof endpoint !== 'string' || typeof token !== 'string' || typeof pid !== 'number') return undefined;
  if (typeof version !== 'string' || typeof protocol !== 'number' || typeof startedAt !== 'string') return undefined;
  return { endpoint, token, pid, version, protocol, startedAt };
}
