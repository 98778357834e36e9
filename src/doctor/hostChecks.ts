import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { createClient } from '../client/apiClient.ts';
import { probeHost } from '../client/findHost.ts';
import { homeFiles, readHostRecord } from '../dataDir/dataDir.ts';
import { endpointCandidates } from '../host/endpoint.ts';
import type { Check } from '../api/inspection.ts';
import { plural } from '../text/grammar.ts';
import { ok, problem, reasonOf, warning } from './check.ts';
import { canonical, isLocked } from './stores.ts';

/** Checks the job host without starting it. @param version of this software */
export async function checkHost(home: string, version: string): Promise<Check[]> {
  const agent = new Agent();
  const { record: path, log } = homeFiles(home);
  try {
    const probe = await probeHost(path, version, agent);
    if (probe.state === 'absent') return [checkLock(home)];
    const summary = `The job host is running: process ${probe.host.pid}, version ${probe.host.version}`;
    if (probe.state === 'ready') return [ok('host', summary), ...(await checkWarnings(home, version))];
    return [warning('host', `${summary}, older than this software (${version})`, 'The next command replaces it.')];
  } catch (error) {
    return [problem('host', `The job host cannot be reached: ${reasonOf(error)}`, `Its log is ${log}.`)];
  } finally {
    agent.destroy();
  }
}

function checkLock(home: string): Check {
  if (!isLocked(home)) return ok('host', 'No job host is running: it is started when needed');
  const { record, log } = homeFiles(home);
  const pid = readHostRecord(record)?.pid;
  return problem(
    'host',
    'A process holds the lock of the store but does not respond',
    `End it${pid === undefined ? '' : ` (maybe process ${pid})`} and try again: running jobs continue. Its log is ${log}.`,
  );
}

async function checkWarnings(home: string, version: string): Promise<Check[]> {
  const client = createClient({ start: false, home, version });
  try {
    const { warnings } = await client.getHost();
    if (warnings.length === 0) return [ok('host_warnings', 'The job host reports no warnings')];
    const summary = `The job host reports ${plural(warnings.length, 'warning')}: ${warnings.join(' ')}`;
    return [warning('host_warnings', summary, 'Restart the host to clear them: bgjobs host stop.')];
  } finally {
    client.dispose();
  }
}

/** Checks where the host can listen. */
export function checkSocket(home: string, platform: NodeJS.Platform = process.platform): Check {
  if (platform === 'win32') return ok('socket', 'Named pipes need no path');
  const place = { platform, home: canonical(home), uid: process.getuid?.(), temporary: tmpdir() };
  const [first] = endpointCandidates(place);
  if (first === undefined) {
    const summary = 'No path is short enough for a socket: each host creates a folder for it in /tmp';
    return warning('socket', summary, 'Set BGJOBS_HOME to a shorter path.');
  }
  if (dirname(first) === place.home) return ok('socket', `${first} is short enough for a socket`);
  return ok('socket', `The path of the store is too long for a socket, so the socket is ${first}`);
}
