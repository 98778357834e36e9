import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { time } from '../protocol/time.ts';

const hostRecord = z.object({
  /** Path of a Unix socket, or name of a Windows pipe. */
  endpoint: z.string(),
  token: z.string(),
  pid: z.int(),
  version: z.string(),
  protocol: z.int(),
  startedAt: time,
});
/** What host.json says of the running host. A host that was killed leaves it behind: only an answer proves it true. */
export type HostRecord = z.infer<typeof hostRecord>;

/** @returns undefined when there is none, or none that can be understood */
export function readHostRecord(path: string): HostRecord | undefined {
  try {
    return hostRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
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
