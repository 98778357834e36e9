/**
 * The room of runs: {@link Run} is all that can be done with one, `runEnd.ts` tells how it ends. Used by `jobs` and
 * `queries`; imports `hooks`, `launch`, `readiness`, `output`, the store and the process table.
 */
import { rmSync } from 'node:fs';
import { uptime } from 'node:os';
import { activeStatuses, isElsewhere } from '../../api/values.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import { awakeSince } from '../../store/clock.ts';
import { retryWhenFull } from '../../store/database.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { logFiles, logsOf, runFolder, runIdOf, type End, type RunRow } from '../../store/runTable.ts';
import type { Orphans } from '../hooks/orphans.ts';
import { socketsBefore } from '../readiness/portClaim.ts';
import { Run, type RunDeps } from './run.ts';
import { killedEnd, naturalEnd, recordEnd } from './runEnd.ts';

/** The runs that are under way: those that were launched here, and those adopted from an earlier host. */
export class Runs {
  readonly #deps: RunDeps;
  readonly #live = new Map<string, Run>();
  /** Keyed by job id: runs whose process is being started. */
  readonly #launching = new Map<string, Promise<void>>();
  /** Ids of runs whose end waits for room on the disk. */
  readonly #unrecorded = new Set<string>();
  readonly #closing = new AbortController();

  constructor(deps: Omit<RunDeps, 'live' | 'record' | 'closing'>) {
    const record: RunDeps['record'] = (runId, write) => this.#record(runId, write);
    this.#deps = { ...deps, live: this.#live, record, closing: this.#closing.signal };
  }

  get isIdle(): boolean {
    return this.#live.size === 0 && this.#unrecorded.size === 0 && this.#launching.size === 0;
  }

  get(jobId: string): Run | undefined {
    return this.#live.get(jobId);
  }

  /** The run when its process has been started. Undefined if it has none (any more). */
  async launched(jobId: string): Promise<Run | undefined> {
    await this.#launching.get(jobId);
    return this.#live.get(jobId);
  }

  /** Starts a run of a pending job. One that cannot start is recorded as failed. @throws BgJobsError `disk_full` */
  start(job: JobRow, baseEnv: NodeJS.ProcessEnv): void {
    this.launch(job, this.#deps.store.beginRun(job, socketsBefore(job.spec.readyWhen)), baseEnv);
  }

  launch(job: JobRow, record: RunRow, baseEnv: NodeJS.ProcessEnv): void {
    const launching = Run.launch(this.#deps, job, record, baseEnv).finally(() => this.#launching.delete(job.id));
    this.#launching.set(job.id, launching);
  }

  /**
   * Adopts what an earlier host left under way: living runs are followed again, those that ended meanwhile get the end that
   * their supervisor has recorded, and those whose end nobody knows are lost.
   */
  async adopt(orphans: Orphans, report: (error: unknown) => void): Promise<void> {
    const { store, home } = this.#deps;
    for (const run of store.runs.withLeftovers()) {
      const [job] = store.read([store.jobs.byRow(run.job)]);
      if (!job) continue;
      const logs = logFiles(logsOf(home, job, run));
      orphans.adopt(job, run, { runId: runIdOf(job.id, run.number), supervisor: run.supervisor, logs });
    }
    const jobs = store.jobs.list({ statuses: activeStatuses }, Number.MAX_SAFE_INTEGER);
    for (const job of store.read([...jobs, ...store.arrays.tasks.active()])) {
      const run = store.runs.byNumber(job.row, job.run);
      // A run that cannot be adopted must not affect the others.
      if (run) await this.#adopt(job, run, orphans, report).catch(report);
    }
  }

  /** Lets go of all runs without touching them. Nothing is started any more when it resolves. */
  async dispose(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#launching.values());
    for (const { hook } of this.#deps.hooks) hook.dispose?.();
    for (const run of this.#live.values()) run.process.dispose();
    this.#live.clear();
  }

  async #adopt(job: JobRow, record: RunRow, orphans: Orphans, report: (error: unknown) => void): Promise<void> {
    const { store, runner, table, tracker, now, home } = this.#deps;
    const directory = runFolder(home, job.id, record.number);
    const runId = runIdOf(job.id, record.number);
    if (isElsewhere(job.spec)) return this.#adoptElsewhere(job, record, report);
    let supervisor = record.supervisor ?? (await findSupervisor(table, runId));
    if (!supervisor && isOfThisBoot(record, now())) {
      if (runner.preventStart(directory)) {
        store.withdrawRun(job, record);
        return rmSync(directory, { recursive: true, force: true });
      }
      // It may have begun since.
      supervisor = await findSupervisor(table, runId);
    }
    const exit = runner.recordedExit(directory) ?? null;
    // What leads a session when the end is on record is not the supervisor, but something that the run has left.
    if (exit && !record.supervisor) supervisor = undefined;
    const rebooted = supervisor !== undefined && supervisor.bootId !== table.bootId();
    if (!supervisor || rebooted) {
      const stop = exit && record.stop;
      const end = stop ? killedEnd(stop, exit, now()) : naturalEnd(new Map(), exit, now());
      // Of another boot it has no processes any more; of this one it may have left some.
      const known: End =
        rebooted && !exit ? { ...end, reason: 'reboot' } : { ...end, ...(!rebooted && { leftovers: null }) };
      const logs = logsOf(home, job, record);
      tracker.track(logs);
      return this.#record(runId, () => {
        recordEnd({ store, tracker, now }, job, record, known);
        if (!rebooted) orphans.adopt(job, record, { runId, supervisor: null, logs: logFiles(logs) });
      });
    }
    if (record.status === 'starting') store.runStarted(job, record, supervisor);
    const isAlive = table.isAlive(supervisor);
    const process = runner.adopt({ runId, directory, spec: job.spec }, supervisor);
    const run = Run.adopt(this.#deps, job, record, process, isAlive);
    if (record.stop) {
      const { requestedAt: startedAt, graceMs } = record.stop;
      const left = Math.max(0, graceMs - awakeSince({ startedAt, moment: record.stop }, now()));
      run.resumeKill(record.stop, left).catch(report);
    } else if (exit || !isAlive) {
      // It has ended: that is on record before anybody asks.
      await run.ended;
    }
  }

  /** Where it is, is in its folder: there nothing of it depended on the host that has ended. */
  async #adoptElsewhere(job: JobRow, record: RunRow, report: (error: unknown) => void): Promise<void> {
    const { remote, home, now } = this.#deps;
    const directory = runFolder(home, job.id, record.number);
    const runner = await remote();
    const process = runner.adopt({ runId: runIdOf(job.id, record.number), directory, spec: job.spec });
    const run = Run.adopt(this.#deps, job, record, process, true);
    if (record.stop) {
      const { requestedAt: startedAt, graceMs } = record.stop;
      const left = Math.max(0, graceMs - awakeSince({ startedAt, moment: record.stop }, now()));
      run.resumeKill(record.stop, left).catch(report);
    } else if (runner.hasEnded(directory)) await run.ended;
  }

  #record(runId: string, write: () => void): void {
    const recorded = (): void => {
      this.#deps.disk.spend(write);
      this.#unrecorded.delete(runId);
    };
    const onFull = (): void => {
      this.#unrecorded.add(runId);
      this.#deps.log(`The end of run ${runId} could not be recorded yet: the disk is full.`);
    };
    retryWhenFull(recorded, this.#closing.signal, onFull)?.catch((error: unknown) => this.#deps.log(String(error)));
  }
}

/** A power cut may have taken what its supervisor had recorded. */
function isOfThisBoot({ startedAt }: RunRow, now: number): boolean {
  return startedAt > now - uptime() * 1000;
}

/** The host died between the spawn and its record: the run id in the environment tells which process it is. */
async function findSupervisor(table: ProcessTable, runId: string): Promise<ProcessIdentity | undefined> {
  const leaders = (await table.snapshot()).filter(({ pid, pgid, state }) => pid === pgid && state !== 'zombie');
  const evidence = await table.evidenceOf(leaders);
  const marked = leaders.filter(({ pid }) => evidence.get(pid)?.runId === runId);
  // A process that the command itself has made a leader is younger.
  const [found] = marked.sort((a, b) => Number(a.startTime) - Number(b.startTime));
  return found && { pid: found.pid, startTime: found.startTime, bootId: table.bootId() };
}
