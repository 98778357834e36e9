import { activeStatuses } from '../../api/values.ts';
import type { Executor } from './executor.ts';
import type { LeftoverScanner } from '../hooks/orphans.ts';
import { logFiles } from '../output/runLogs.ts';
import { askedEnd, naturalEnd } from './runEnd.ts';
import { runFolder, runIdOf } from '../../store/runFolder.ts';
import type { Runner } from '../launch/runner.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import type { Stopper } from './stopper.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

export interface AdoptionParts {
  store: Store;
  runner: Runner;
  table: ProcessTable;
  executor: Executor;
  stopper: Stopper;
  leftovers: LeftoverScanner;
  home: string;
  now: () => number;
  report: (error: unknown) => void;
}

/**
 * Takes over what an earlier host left under way: runs that live are followed again, those that ended meanwhile get the
 * end that their supervisor has recorded, those of which nobody knows the end are lost, and say so.
 */
export async function adoptRuns(parts: AdoptionParts): Promise<void> {
  const { store, report } = parts;
  adoptLeftovers(parts);
  for (const job of store.read(store.jobs.list({ statuses: activeStatuses }, Number.MAX_SAFE_INTEGER))) {
    const run = job.run === null ? undefined : store.runs.byNumber(job.row, job.run);
    // One that cannot be taken over costs no other.
    if (run) await adoptRun(parts, job, run).catch(report);
  }
}

function adoptLeftovers({ store, executor, leftovers }: AdoptionParts): void {
  for (const run of store.runs.withLeftovers()) {
    const [job] = store.read([store.jobs.byRow(run.job)]);
    if (!job) continue;
    const logs = logFiles(executor.logsOf(job, run));
    leftovers.takeOver(job, run, { runId: runIdOf(job.id, run.number), supervisor: run.supervisor, logs });
  }
}

async function adoptRun(parts: AdoptionParts, job: JobRow, run: RunRow): Promise<void> {
  const { store, runner, table, executor, stopper, now, report } = parts;
  const directory = runFolder(parts.home, job.id, run.number);
  const runId = runIdOf(job.id, run.number);
  const supervisor = run.supervisor ?? (await findSupervisor(table, runId));
  const exit = runner.recordedExit(directory) ?? null;
  const rebooted = supervisor !== undefined && supervisor.bootId !== table.bootId();
  if (!supervisor || rebooted) {
    const end = run.stop && exit ? askedEnd(run.stop, exit, now()) : naturalEnd({ delivered: new Map() }, exit, now());
    executor.finishUnseen(job, run, rebooted && !exit ? { ...end, reason: 'reboot' } : end);
    return;
  }
  if (run.status === 'starting') store.runStarted(job, run, supervisor);
  const isAlive = table.isAlive(supervisor);
  const process = runner.adopt({ runId, directory, spec: job.spec }, supervisor);
  const live = executor.adopt(job, run, process, isAlive);
  if (run.stop) {
    const graceMs = Math.max(0, run.stop.requestedAt + run.stop.graceMs - now());
    stopper.resumeStop(live, run.stop, graceMs).catch(report);
  } else if (exit || !isAlive) {
    // It has ended: that is on record before anybody asks.
    await live.ended;
  }
}

/** The host died between the spawn and its record: the run's mark tells which process it is. */
async function findSupervisor(table: ProcessTable, runId: string): Promise<ProcessIdentity | undefined> {
  const leaders = (await table.snapshot()).filter(({ pid, pgid, state }) => pid === pgid && state !== 'zombie');
  const evidence = await table.evidenceOf(leaders);
  const marked = leaders.filter(({ pid }) => evidence.get(pid)?.runId === runId);
  // What the command itself has made a leader is younger.
  const [found] = marked.sort((a, b) => Number(a.startTime) - Number(b.startTime));
  return found && { pid: found.pid, startTime: found.startTime, bootId: table.bootId() };
}
