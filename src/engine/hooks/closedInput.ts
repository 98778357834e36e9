import type { JobSpec } from '../../store/jobTable.ts';
import type { End } from '../../store/runTable.ts';
import { readOutput } from '../output/readOutput.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

/** A program that ends later had another reason (milliseconds). */
const atOnceMs = 10_000;

/** What programs say that watch files until their input ends, for example "stopped because stdin was closed". */
const inputClosed = /\b(?:stdin|standard input) (?:was|is|has been) closed\b/i;

/** Says what to do about a program that ends at once because it has no input, as `esbuild --watch` does. */
export function closedInput({ store, tracker }: Pick<HookDeps, 'store' | 'tracker'>): RunHook {
  async function beforeEnd({ record, logs }: ActiveRun, { status, finishedAt }: End): Promise<Partial<End>> {
    if (status !== 'completed' || finishedAt - record.startedAt > atOnceMs) return {};
    tracker.observe(record.row);
    const output = { index: store.chunks, logs, growth: tracker, isEnded: () => true };
    const end = { tail: 5, limit: 4096, format: 'text', text: true, follow: false } as const;
    const { chunks } = await readOutput(output, end);
    if (!inputClosed.test(chunks.map(({ text }) => text).join(''))) return {};
    return { reasonText: 'its standard input was closed; keep it open with stdin: pipe (--stdin pipe)' };
  }
  return { name: 'closedInput', beforeEnd };
}

/** Jobs that may watch something and have no input: the output of others need not be read. */
export function mayWatch({ stdin, command, argv = [] }: JobSpec): boolean {
  return stdin.type === 'none' && /watch|dev|serve|start|esbuild/.test(command ?? argv.join(' '));
}
