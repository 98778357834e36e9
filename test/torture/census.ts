import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalIfThere, type Seen } from '../helpers/engine/supervisedRun.ts';
import { until } from '../helpers/until.ts';

/** A number that stands in the arguments of every process of one tree, and in no others. */
export function newTag(): string {
  return String(randomInt(1_000_000_000, 2_000_000_000));
}

/** Live processes with this tag in their arguments, without zombies. The product does not look at arguments. */
export function tagged(tag: string): Seen[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const command = read(pid, 'cmdline').replace(/\0+$/, '').replaceAll('\0', ' ');
      const stat = command.includes(tag) ? (/\) (\S)/.exec(read(pid, 'stat'))?.[1] ?? 'X') : 'X';
      return stat === 'Z' || stat === 'X' ? [] : [{ pid: Number(pid), stat, command }];
    });
}

/** The processes of which trees are made, under the name that one shape gives them or their own. */
export function sleepersOf(tag: string): Seen[] {
  const names = ['sleep', '/bin/sleep', '/usr/bin/sleep', otherName];
  return tagged(tag).filter(({ command }) => names.some((name) => command === `${name} ${tag}`));
}

/** As what a program is disguised. */
export const otherName = '[kworker/0:1]';

/** Looks three times: one look at a tree that moves can miss what is being forked. */
export async function survivorsOf(tag: string): Promise<Seen[]> {
  const found = new Map<number, Seen>();
  for (let look = 0; look < 3; look++) {
    for (const seen of tagged(tag)) found.set(seen.pid, seen);
    await sleep(30);
  }
  return [...found.values()];
}

export async function endTagged(tag: string): Promise<void> {
  await until(`no process with ${tag} is left`, () => {
    const found = tagged(tag);
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const { pid } of found) signalIfThere(pid, signal);
    return found.length === 0 ? true : undefined;
  });
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it has exited meanwhile
  }
}
