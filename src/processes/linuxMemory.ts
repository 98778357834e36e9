import { readFileSync } from 'node:fs';
import type { ProcessEntry } from './processIdentity.ts';

/**
 * What the processes hold in memory together, in bytes, without pages of files, which the system can drop. See proc(5).
 * Summed up from `status`, 15 µs each, which counts what is shared (after a fork, say) in each process. Only where that
 * is more than `enough` the shares are asked for: 0.6 ms each, and 12 ms more for each GiB.
 */
export function linuxMemory(proc: string, processes: readonly ProcessEntry[], enough: number): number {
  const held = processes.map(({ pid }) => kibibytes(read(`${proc}/${pid}/status`), ['RssAnon', 'RssShmem']));
  if (sum(held) <= enough) return sum(held);
  const shares = processes.map(({ pid }, index) => {
    const rollup = read(`${proc}/${pid}/smaps_rollup`);
    // Another user's is not readable, and Linux before 5.4 does not divide it.
    return rollup.includes('Pss_Anon:') ? kibibytes(rollup, ['Pss_Anon', 'Pss_Shmem']) : (held[index] ?? 0);
  });
  return sum(shares);
}

function kibibytes(text: string, names: readonly string[]): number {
  return sum(names.map((name) => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0))) * 1024;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone meanwhile, or hidden
  }
}
