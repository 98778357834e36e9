import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { createClient } from '../client/connect.ts';
import { probeHost } from '../client/probeHost.ts';
import { homeFiles } from '../dataDir/dataDir.ts';
import { readHostRecord } from '../dataDir/hostRecord.ts';
import { endpointCandidates } from '../host/endpoint.ts';
import type { Check } from '../api/inspection.ts';
import { plural } from '../text/grammar.ts';
import { ok, problem, reasonOf, warning } from './check.ts';
import { canonical, isLocked } from './storeReader.ts';

/** The job host, which is not started for this. @param version of this software */
export async function checkHost(home: string, version: string): Promise<Check[]> {
  const agent = new Agent();
  const { record: path, log } = homeFiles(home);
  try {
    const probe = await probeHost(path, version, agent);
    if (probe.state === 'absent') return [checkLock(home)];
    const summary = `The job host runs: process ${probe.host.pid}, version ${probe.host.version}`;
    if (probe.state === 'ready') return [ok('host', summary), ...(await checkWarnings(home, version))];
    return [warning('host', `${summary}, older than this software (${version})`, 'The next command replaces it.')];
  } catch (error) {
    return [problem('host', `The job host cannot be reached: ${reasonOf(error)}`, `Its log is ${log}.`)];
  } finally {
    agent.destroy();
  }
}

function checkLock(home: string): Check {
  if (!isLocked(home)) return ok('host', 'No job host runs: one is started when it is needed');
  const { record, log } = homeFiles(home);
  const pid = readHostRecord(record)?.pid;
  return problem(
    'host',
    'A process holds the store, but serves nobody',
    `End it${pid === undefined ? '' : ` (perhaps process ${pid})`} and try again: running jobs run on. Its log is ${log}.`,
  );
}

async function checkWarnings(home: string, version: string): Promise<Check[]> {
  const client = createClient({ start: false, home, version });
  try {
    const { warnings } = await client.getHost();
    if (warnings.length === 0) return [ok('host_warnings', 'The job host has nothing to complain about')];
    const summary = `The job host has ${plural(warnings.length, 'warning')}: ${warnings.join(' ')}`;
    return [warning('host_warnings', summary, 'They are forgotten with the next start of the host: bgjobs host stop.')];
  } finally {
    client.dispose();
  }
}

/** Where the host can listen. */
export function checkSocket(home: string, platform: NodeJS.Platform = process.platform): Check {
  if (platform === 'win32') return ok('socket', 'A named pipe needs no path');
  const place = { platform, home: canonical(home), uid: process.getuid?.(), temporary: tmpdir() };
  const [first] = endpointCandidates(place);
  if (first === undefined) {
    const summary = 'No path is short enough for a socket: each host makes a folder for it in /tmp';
    return warning('socket', summary, 'Set BGJOBS_HOME to a shorter path.');
  }
  if (dirname(first) === place.home) return ok('socket', `${first} is short enough for a socket`);
  return ok('socket', `The path of the store is too long for a socket, so it is ${first}`);
}
