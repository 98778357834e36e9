import type { Stream } from '../../api/output.ts';
import { mebibytes } from './limits.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

/** Pauses or ends a run whose log has reached its `maxLogBytes`, if that is what its `whenFull` says. */
export function fullLog({ tracker, report }: Pick<HookDeps, 'tracker' | 'report'>): RunHook {
  const runs = new Map<number, ActiveRun>();
  const pausing = new Set<ActiveRun>();

  function started(run: ActiveRun): void {
    runs.set(run.record.row, run);
  }

  function stopped({ record }: ActiveRun): void {
    runs.delete(record.row);
  }

  function reached(row: number, stream: Stream): void {
    const run = runs.get(row);
    if (!run) return;
    const { maxLogBytes, whenFull, capture } = run.job.spec;
    const log = capture === 'merged' ? 'the output' : stream;
    const text = `${log} has reached ${mebibytes(maxLogBytes)}`;
    if (whenFull === 'end') run.expire('log_full', { reasonText: text });
    else if (run.record.status === 'running' && !pausing.has(run)) {
      pausing.add(run);
      const paused = run.pause({ reason: 'log_full', text });
      paused.catch(report).finally(() => pausing.delete(run));
    }
  }

  tracker.on.full = reached;
  return { name: 'fullLog', started, stopped };
}
