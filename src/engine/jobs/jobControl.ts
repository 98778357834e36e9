import type * as z from 'zod';
import { queueRequest, type MoveRequest, type Queue, type QueueRequest, type inputRequest } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import type { jobUpdate } from '../../api/jobUpdate.ts';
import type { TerminalSize } from '../../api/shapes.ts';
import { validate } from '../../api/validate.ts';
import { isActive, isWaiting } from '../../api/values.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { checkNoArray, checkNoTask, findJob, waitsElsewhere, wrongState } from '../queries/lookup.ts';
import type { Run } from '../runs/run.ts';
import { agentsEdit, editedSpec } from './editJob.ts';
import {
  checkFolder,
  checkLineEnds,
  checkPolicy,
  checkPolicyAgain,
  resolveDependencies,
  type Parts,
} from './newJob.ts';

/** What can be done with jobs that wait, with the queue as a whole, and with running jobs short of killing them. */
export function jobControl({ store, disk, scheduler, settings, runs, views }: Parts) {
  function getQueue(): Queue {
    const { queuePaused, pausedSessions } = settings.current;
    const jobs = scheduler.inOrder().map((job) => views.job(job));
    return { paused: queuePaused, pausedSessions: [...pausedSessions], jobs };
  }

  /** @throws BgJobsError `disk_full` */
  function setPaused(request: QueueRequest, paused: boolean): Queue {
    const { session } = validate(queueRequest, request);
    const others = settings.current.pausedSessions.filter((name) => name !== session);
    const sessions = paused && session !== undefined ? [...others, session] : others;
    disk.spend(() => settings.update(session === undefined ? { queuePaused: paused } : { pausedSessions: sessions }));
    scheduler.startNext();
    const queued = scheduler.inOrder().filter((job) => scheduler.isQueued(job.id));
    const changed = queued.filter((job) => session === undefined || job.session === session);
    // They wait for something else now, which is a change like any other.
    disk.spend(() => store.placeJobs(changed));
    return getQueue();
  }

  /** One that was handed over is held there. @throws BgJobsError `invalid_state` when it does not wait, `disk_full` */
  async function holdJob(id: string): Promise<Job> {
    const found = await findLaunched(id);
    if (found.status === 'held') return views.job(found);
    if (waitsElsewhere(found)) {
      await running(found).process.pause();
      return views.job(findJob(store, found.id));
    }
    const job = waiting(found, 'Only a waiting job can be held. Use pause or kill for a running job.');
    disk.spend(() => store.moveJob(job, 'held'));
    scheduler.add(job);
    return views.job(job);
  }

  /**
   * @throws BgJobsError `invalid_state` when it, or the one that it is to start before, has no place among those of the
   * session that may start, `disk_full`
   */
  function moveJob(id: string, { to, before }: MoveRequest): Job {
    const job = queued(id);
    const next = before === undefined ? undefined : queued(before);
    if (next && next.session !== job.session)
      throw wrongState(next, `It is in the session "${next.session}", and the job in "${job.session}".`);
    const moved = scheduler.move(job.id, to ?? { before: next?.id ?? job.id });
    store.placeJobs(moved);
    for (const one of moved) scheduler.add(one);
    return views.job(job);
  }

  function queued(id: string): JobRow {
    const job = waiting(findJob(store, id), 'Only a waiting job can be moved.');
    checkNoTask(job);
    if (scheduler.isQueued(job.id)) return job;
    const what = job.status === 'held' ? 'to be released' : 'for other jobs or for a time';
    throw wrongState(job, `It waits ${what}, so it is not in the queue yet.`);
  }

  /** @throws BgJobsError `invalid_request`, `cwd_not_found`, `invalid_state`, `policy_denied`, `disk_full` */
  async function updateJob(id: string, update: z.output<typeof jobUpdate>): Promise<Job> {
    const { pinned, name, session, priority, dependsOn, actor } = update;
    checkNoTask(findJob(store, id));
    if (actor === 'agent' && dependsOn) await checkPolicyAgain({ settings, store }, [findJob(store, id)]);
    const edit = actor === 'agent' ? agentsEdit(known(findJob(store, id)), update) : undefined;
    if (edit) await checkPolicy(settings, edit);
    const found = known(findJob(store, id));
    const spec = editedSpec(found, update);
    if (spec !== found.spec) {
      checkFolder(spec.cwd);
      checkLineEnds(spec);
    }
    if (session !== undefined || priority !== undefined || dependsOn !== undefined) {
      // A running job takes a slot of its session until it ends.
      const job = waiting(found, 'Session, priority and dependencies can be changed only while the job waits.');
      if (session !== undefined && job.spec.array)
        throw wrongState(job, 'It is an array, whose session cannot be changed.');
      const needed = dependsOn && resolveDependencies(store, dependsOn, job.id);
      const changes = {
        ...(session !== undefined && { session }),
        ...(priority !== undefined && { priority }),
        ...(needed && { dependsOn: needed }),
      };
      const changed = { ...job, spec: { ...spec, ...changes }, session: session ?? job.session, queueKey: null };
      store.placeJobs([changed]);
      // Before it changes: the queue finds it by its session.
      scheduler.remove(job.id);
      scheduler.add(Object.assign(job, changed));
      scheduler.startNext();
    } else if (spec !== found.spec) {
      disk.spend(() => store.mark(found, { spec }));
    }
    if (pinned !== undefined) store.mark(known(found), { pinned });
    if (name !== undefined) store.mark(known(found), { spec: { ...known(found).spec, name } });
    const [now = found] = store.read([store.jobs.byRow(found.row)]);
    return views.job(now);
  }

  function waiting(job: JobRow, hint: string): JobRow {
    if (!isWaiting(job.status)) throw wrongState(job, hint);
    return known(job);
  }

  /** The object that the scheduler or a run works with, if there is one; otherwise it would go on with the old values. */
  function known(job: JobRow): JobRow {
    return scheduler.get(job.id) ?? runs.get(job.id)?.job ?? job;
  }

  /** @throws BgJobsError `job_not_found`, `invalid_state` */
  async function pauseJob(id: string): Promise<Job> {
    const job = await findLaunched(id);
    checkNoArray(job);
    if (job.status === 'running') await running(job).pause();
    else if (job.status !== 'paused') throw wrongState(job, 'Only a running job can be paused.');
    return views.job(findJob(store, job.id));
  }

  async function resumeJob(id: string): Promise<Job> {
    const job = await findLaunched(id);
    checkNoArray(job);
    // A running one too: its processes may have been stopped by somebody else, or by a host that died.
    if (job.status !== 'paused' && job.status !== 'running') throw wrongState(job, 'Only a paused job can be resumed.');
    await running(job).resume();
    return views.job(findJob(store, job.id));
  }

  async function sendInput(id: string, { text, eof }: z.output<typeof inputRequest>): Promise<Job> {
    const job = await findLaunched(id);
    checkNoArray(job);
    if (job.spec.stdin.type !== 'pipe') {
      throw wrongState(job, 'It takes no live input. Start it with stdin pipe to send input.');
    }
    if (!isActive(job.status)) throw wrongState(job, 'Only a running job can receive input.');
    await running(job).write(text, eof);
    return views.job(job);
  }

  async function resizeTerminal(id: string, { columns, rows }: TerminalSize): Promise<Job> {
    const job = await findLaunched(id);
    checkNoArray(job);
    if (!job.spec.tty) throw wrongState(job, 'It has no terminal. Start it with tty to give it one.');
    if (!isActive(job.status)) throw wrongState(job, 'Only the terminal of a running job can be resized.');
    await running(job).resizeTerminal(columns, rows);
    return views.job(job);
  }

  /** The job, when no process of it is being started. */
  async function findLaunched(id: string): Promise<JobRow> {
    const { id: jobId } = findJob(store, id);
    await runs.launched(jobId);
    return findJob(store, jobId);
  }

  function running(job: JobRow): Run {
    const run = runs.get(job.id);
    if (!run || run.isBeingKilled) throw wrongState(job, 'It is being started or stopped. Try again in a moment.');
    return run;
  }

  return { getQueue, setPaused, holdJob, moveJob, updateJob, pauseJob, resumeJob, sendInput, resizeTerminal };
}
