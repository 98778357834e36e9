import type { ProcessIdentity } from '../../processes/processSource.ts';
import { RunTree } from '../../processes/runTree.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

/** A run that is slowed down runs for this long (milliseconds), */
const windowMs = 1;
/** and is stopped for at least this long. */
const restMs = 20;
/** While all rest, one of them is looked for this often. */
const lookMs = 2;
/** No run that has written less was slowed down, unless its limit is lower (bytes). */
const floodBytes = 1024 * 1024;
/** After so many windows in a row in which it wrote little, a run is left alone again. */
const quietWindows = 50;

interface Braked {
  readonly run: ActiveRun;
  members: readonly Pick<ProcessIdentity, 'pid' | 'startTime'>[];
  /** When its window was opened or closed the last time (performance.now), and what it had written by then, in bytes. */
  since: number;
  written: number;
  quiet: number;
}

/**
 * Slows down runs that write so fast that their logs could not be kept within their limit: their processes are stopped most
 * of the time, and run one after the other, until they write less. That takes hundreds of megabytes in a second.
 */
export function floodBrake({ table, tracker, report }: Pick<HookDeps, 'table' | 'tracker' | 'report'>): RunHook {
  const runs = new Map<number, ActiveRun>();
  /** By row, the one that has rested for the longest time first. */
  const braked = new Map<number, Braked>();
  let open: Braked | undefined;
  let timer: NodeJS.Timeout | undefined;

  function started(run: ActiveRun): void {
    const { supervisor } = run.process;
    if (!table.canPause || !supervisor) return;
    runs.set(run.record.row, run);
    if (mayBeLeftStopped(run)) continueAll(descendants(supervisor.pid));
  }

  /** By a host that was killed while it slowed it down. One that was just launched has no pid yet. */
  function mayBeLeftStopped({ record, logs }: ActiveRun): boolean {
    if (record.pid === null || record.status !== 'running') return false;
    tracker.observe(record.row);
    return written(record.row) >= Math.min(floodBytes, logs.maxLogBytes);
  }

  function stopped({ record }: ActiveRun): void {
    runs.delete(record.row);
    release(record.row);
  }

  function flooded(row: number): void {
    const run = runs.get(row);
    if (braked.has(row) || run?.record.status !== 'running') return;
    const members = descendants(run.process.supervisor?.pid ?? 0);
    const brake = { run, members, since: 0, written: written(row), quiet: 0 };
    stop(brake);
    timer ??= setTimeout(next, lookMs);
  }

  /** Takes microseconds. */
  function descendants(pid: number): ProcessIdentity[] {
    return table.childrenOf(pid).flatMap((child) => {
      const identity = table.identify(child);
      return identity ? [identity, ...descendants(child)] : [];
    });
  }

  function stop(brake: Braked): void {
    const { row } = brake.run.record;
    for (const member of brake.members) table.signal(member, 'SIGSTOP');
    braked.delete(row);
    braked.set(row, brake);
    tracker.observe(row);
    Object.assign(brake, { since: performance.now(), written: written(row) });
  }

  /** Closes the window that is open, and opens another one. */
  function next(): void {
    timer = undefined;
    if (open) close(open);
    open = [...braked.values()].find(mayGoOn);
    if (open) goOn(open);
    if (braked.size > 0) timer = setTimeout(next, open ? windowMs : lookMs);
  }

  function close(brake: Braked): void {
    const { row } = brake.run.record;
    const before = brake.written;
    const tookMs = performance.now() - brake.since;
    if (braked.get(row) !== brake) return;
    stop(brake);
    brake.quiet = tracker.isTooFast(row, (brake.written - before) / tookMs) ? 0 : brake.quiet + 1;
    if (brake.quiet > quietWindows) release(row);
  }

  function mayGoOn(brake: Braked): boolean {
    const { row, status } = brake.run.record;
    if (performance.now() - brake.since < restMs || tracker.isPunching(row)) return false;
    // Somebody else has paused it: then it stays stopped.
    if (status !== 'running') return !braked.delete(row);
    const before = brake.written;
    tracker.observe(row);
    if (written(row) === before) return true;
    // It goes on by a process that is no descendant.
    Object.assign(brake, { since: performance.now(), written: written(row) });
    findMembers(brake).catch(report);
    return false;
  }

  async function findMembers(brake: Braked): Promise<void> {
    brake.members = (await new RunTree(table, brake.run.target).scan()).members;
    if (braked.get(brake.run.record.row) === brake) stop(brake);
  }

  function goOn(brake: Braked): void {
    brake.since = performance.now();
    continueAll(brake.members);
  }

  function continueAll(members: Braked['members']): void {
    for (const member of members) table.signal(member, 'SIGCONT');
  }

  function release(row: number): void {
    const brake = braked.get(row);
    if (brake) goOn(brake);
    braked.delete(row);
  }

  function written(row: number): number {
    const { stdout, stderr } = tracker.bytes(row);
    return stdout + stderr;
  }

  tracker.on.flood = flooded;
  const dispose = (): void => {
    clearTimeout(timer);
    [...braked.keys()].forEach(release);
  };
  return { name: 'floodBrake', started, stopped, dispose };
}
