import { dirname } from 'node:path';
import { protocolVersion } from '../api/endpoints.ts';
import { readHostRecord, type HostRecord } from '../dataDir/dataDir.ts';
import { isPrivateFolder } from '../dataDir/privateFolder.ts';

/** The host that is ready for a client of this version if it lives: nobody has asked it. */
export function recordedHost(recordPath: string, version: string): HostRecord | undefined {
  const host = readPrivateRecord(recordPath);
  return host && host.protocol <= protocolVersion && !isOlder(host, version) ? host : undefined;
}

/** In a folder that other users can write to, another program could listen and would get the token. */
export function readPrivateRecord(path: string): HostRecord | undefined {
  const host = readHostRecord(path);
  if (!host || host.endpoint.startsWith('\\\\')) return host;
  return isPrivateFolder(dirname(host.endpoint), process.getuid?.()) ? host : undefined;
}

export function isOlder(host: HostRecord, version: string): boolean {
  return host.protocol < protocolVersion || compareVersions(host.version, version) < 0;
}

/** @returns below 0 when `a` is the older one. Only the three numbers count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.+-]/).slice(0, 3).map(Number));
  const difference = left!.map((number, index) => number - (right![index] ?? 0)).find((each) => each !== 0);
  return difference ?? 0;
}
