import type { FileHandle } from 'node:fs/promises';
import type { Job, JobList, Progress } from '../../api/job.ts';
import { openLogFile } from '../../logs/logFile.ts';
import { bothStreams } from '../../store/chunkIndex.ts';
import type { Store } from '../../store/store.ts';
import { shownProgress } from '../../text/progress.ts';

/** What was read counts for a second, less what a timer of a second may be early, and is forgotten after a minute. */
const freshMs = 950;
const keptMs = 60_000;
/** Bytes that are read at once. */
const blockBytes = 4096;
/** A smaller rise says nothing of the end: milliseconds, percent. */
const leastRise = { time: 1000, percent: 1 };

type Found = Pick<Job, 'progress' | 'expectedEnd'>;

interface Look {
  at: number;
  found: Promise<Found>;
  run: RunFacts | undefined;
}

interface RunFacts {
  row: number;
  /** How long runs of this command usually take (milliseconds); undefined: there was none. */
  usual: number | undefined;
}

/** What a log shows last. */
interface LogState {
  progress: Progress | undefined;
  writtenAt: number;
  end: number | undefined;
}

/**
 * The progress of running jobs. It is stored nowhere, and no log is read unless somebody asks: then its end, at most once
 * a second.
 */
export function jobProgress({ store, now }: { store: Store; now: () => number }) {
  const looks = new Map<string, Look>();

  async function withProgress(job: Job): Promise<Job> {
    return job.status === 'running' ? { ...job, ...(await look(job)) } : job;
  }

  /** One after the other: each holds files open meanwhile. */
  async function allWithProgress(jobs: readonly Job[]): Promise<Job[]> {
    const all: Job[] = [];
    for (const job of jobs) all.push(await withProgress(job));
    return all;
  }

  function look(job: Job): Promise<Found> {
    const id = `${job.id}.${job.run}`;
    const at = now();
    const last = looks.get(id);
    if (last && Math.abs(at - last.at) < freshMs) return last.found;
    for (const [other, one] of looks) if (at - one.at > keptMs) looks.delete(other);
    const run = last?.run ?? factsOf(job);
    const found = find(job, run, at).catch(() => ({ progress: null, expectedEnd: null }));
    looks.set(id, { at, found, run });
    return found;
  }

  function factsOf({ id, run, command, argv, cwd }: Job): RunFacts | undefined {
    const job = store.jobs.byId(id);
    const row = job && store.runs.byNumber(job.row, run)?.row;
    const parts = [command === null ? { argv } : { command }, { cwd }].map((part) => JSON.stringify(part).slice(1, -1));
    return row === undefined ? undefined : { row, usual: median(store.runs.durations(parts as [string, string])) };
  }

  async function find(job: Job, run: RunFacts | undefined, at: number): Promise<Found> {
    const logs = job.runs.at(-1)?.logs;
    const states: LogState[] = [];
    for (const stream of bothStreams) {
      const path = logs?.[stream];
      if (path)
        states.push(await readState(path, (offset) => run && store.chunks.covering(run.row, stream, offset)?.time));
    }
    const shown = chosen(states);
    const usualEnd = run?.usual !== undefined && job.startedAt ? Date.parse(job.startedAt) + run.usual : undefined;
    const end = shown?.end ?? usualEnd;
    return {
      progress: shown?.progress ?? null,
      expectedEnd: end !== undefined && end > at ? new Date(Math.round(end / 1000) * 1000).toISOString() : null,
    };
  }

  /** The list itself if nothing of it is running. */
  async function withAll(list: JobList): Promise<JobList> {
    if (!list.jobs.some(({ status }) => status === 'running')) return list;
    return { ...list, jobs: await allWithProgress(list.jobs) };
  }

  return { withProgress, allWithProgress, withAll };
}

export type JobProgress = ReturnType<typeof jobProgress>;

/** That of the log that was written to last; what is complete is past once the other log goes on. */
function chosen(states: LogState[]): LogState | undefined {
  const [newest, other] = states.sort((a, b) => b.writtenAt - a.writtenAt);
  if (newest?.progress) return newest;
  return other?.progress && other.progress.percent < 100 ? other : undefined;
}

/** @param timeOf when the byte at an offset was seen */
async function readState(path: string, timeOf: (offset: number) => number | undefined): Promise<LogState> {
  await using file = await openLogFile(path);
  const { size, mtimeMs: writtenAt } = await file.stat();
  const progress = shownProgress(String(await bytesBefore(file, size)));
  const state: LogState = { progress, writtenAt, end: undefined };
  if (!progress || progress.percent === 100) return state;
  // In the middle of the log, or, where that is of another phase, in the middle of what was read.
  for (const middle of [size / 2, size - blockBytes / 2]) {
    const offset = Math.max(0, Math.floor(middle));
    const bytes = await bytesBefore(file, offset);
    // What follows the last CR or newline may be half a state.
    const cut = Math.max(bytes.lastIndexOf('\r'), bytes.lastIndexOf('\n'), 0);
    const earlier = shownProgress(bytes.toString('utf8', 0, cut));
    const seenAt = timeOf(offset - bytes.length + cut - 1);
    const rise = earlier && subject(earlier) === subject(progress) ? progress.percent - earlier.percent : 0;
    const took = seenAt === undefined ? 0 : writtenAt - seenAt;
    if (rise < leastRise.percent || took < leastRise.time) continue;
    return { ...state, end: writtenAt + ((100 - progress.percent) * took) / rise };
  }
  return state;
}

async function bytesBefore(file: FileHandle, end: number): Promise<Buffer> {
  const length = Math.min(end, blockBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, end - length);
  return buffer.subarray(0, bytesRead);
}

/** What a bar is of, for example `Receiving objects:`. */
function subject({ text }: Progress): string | undefined {
  return /^\D*: /.exec(text)?.[0];
}

function median(numbers: number[]): number | undefined {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
