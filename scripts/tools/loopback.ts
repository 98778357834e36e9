// A network namespace that has nothing but loopback: servers can keep their defaults, and whatever is left in it is theirs.
import { execa } from 'execa';
import { readdirSync, readlinkSync } from 'node:fs';
import { commandLine, signal } from '../editor/processes.ts';
import { until } from '../../test/helpers/until.ts';

/** Runs a script in a new one, not as root: PostgreSQL would refuse that. @returns its exit code */
export async function runInNamespace(node: string, script: readonly string[]): Promise<number> {
  const user = String(process.getuid?.() || 1000);
  const isolate = ['--user', `--map-user=${user}`, `--map-group=${user}`, '--net', '--keep-caps'];
  const line = 'ip link set lo up && exec "$@"';
  const flags = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
  const args = [...isolate, 'sh', '-c', line, 'sh', node, ...flags, ...script];
  return (await execa('unshare', args, { stdio: 'inherit', reject: false })).exitCode ?? 1;
}

/** The live processes of this namespace, without this one. */
export function processesHere(): number[] {
  const here = namespaceOf(process.pid);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => pid !== process.pid && namespaceOf(pid) === here && commandLine(pid) !== '');
}

export async function endProcessesHere(): Promise<void> {
  await until('all processes have ended', () => {
    const left = processesHere();
    for (const pid of left) signal(pid, 'SIGKILL');
    return left.length === 0 ? true : undefined;
  });
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
