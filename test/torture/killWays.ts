import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KillRequest } from '../../src/api/control.ts';
import type { Job, ProcessInfo } from '../../src/api/job.ts';
import type { StartRequest } from '../../src/api/options.ts';
import { isEnded } from '../../src/api/values.ts';
import { describeError } from '../helpers/report.ts';
import { until } from '../helpers/until.ts';
import { endTagged, newTag, survivorsOf } from './census.ts';
import type { HardShape } from './hardShapes.ts';
import type { TortureHost } from './tortureHost.ts';

/** What the product has said, once the tree is to be dead. */
interface Claim {
  job: Job;
  /** Processes that it said are alive. */
  told: readonly ProcessInfo[];
}

interface Way {
  title: string;
  /** What the job is started with. */
  options?: Pick<StartRequest, 'timeoutMs' | 'limits'>;
  /** Whether the end comes to the run alone: of a run that is over, it only lists what is left. */
  isForRuns?: true;
  end: (host: TortureHost, job: Job, tag: string) => Promise<Claim>;
}

const kill =
  (request: KillRequest) =>
  async ({ client }: TortureHost, { id }: Job): Promise<Claim> => {
    const { result, survivors, job } = await client.killJob(id, request);
    assert.ok(result === 'killed' || (result === 'already_terminated' && job.exitCode === 0), result);
    if (result === 'killed') assert.equal(job.status, 'killed');
    return { job, told: [...survivors, ...job.leftovers] };
  };

const limit =
  (reason: Job['reason']) =>
  async ({ client }: TortureHost, { id }: Job): Promise<Claim> => {
    const { job } = await client.waitForJob(id);
    assert.deepEqual([job.status, job.reason], ['timed_out', reason]);
    return { job, told: job.leftovers };
  };

const goFile = (host: TortureHost, tag: string): string => join(host.home, `go-${tag}`);

/** The ways in which the product ends a tree. */
export const killWays = {
  TERM: { title: 'kill', end: kill({}) },
  INT: { title: 'kill with INT', end: kill({ signal: 'INT' }) },
  KILL: { title: 'kill with KILL', end: kill({ signal: 'KILL' }) },
  timeout: { title: 'time limit', options: { timeoutMs: 4000 }, isForRuns: true, end: limit('timeout') },
  memory: {
    title: 'memory limit',
    options: { limits: { memoryBytes: 2 ** 28 } },
    isForRuns: true,
    end: (host, job, tag) => {
      writeFileSync(goFile(host, tag), '');
      return limit('out_of_memory')(host, job);
    },
  },
  session: {
    title: 'kill of the session',
    isForRuns: true,
    end: async ({ client }, { id, session }) => {
      const { results } = await client.killJobs({ session });
      const [result] = results;
      assert.deepEqual(
        [results.length, result?.job.id, result?.result, result?.job.status],
        [1, id, 'killed', 'killed'],
      );
      return { job: result!.job, told: [...result!.survivors, ...result!.job.leftovers] };
    },
  },
  requeue: {
    title: 'terminate, to run again',
    isForRuns: true,
    end: async ({ client }, { id, session }) => {
      await client.pauseQueue({ session });
      const { survivors, job } = await client.terminateRun(`${id}.1`, { requeue: true });
      assert.deepEqual([job.status, job.runs.map(({ status }) => status)], ['pending', ['killed']]);
      await client.killJob(id, {});
      return { job, told: [...survivors, ...job.leftovers] };
    },
  },
  newHost: { title: 'kill, by the next host', end: kill({}) },
} satisfies Record<string, Way>;

export type WayName = keyof typeof killWays;
export const wayNames = Object.keys(killWays) as WayName[];

/** One tree, started and complete. */
export interface Tree {
  shape: HardShape;
  way: WayName;
  tag: string;
  job: Job;
}

/** What became of a tree. */
export interface Outcome {
  shape: string;
  way: WayName;
  /** The command lines of processes that lived when the product said that all is done. */
  survivors: string[];
  /** The run was over, and the product listed what it had left before that was killed. */
  isListed: boolean;
  /** It said that nothing is left, or did not name a process that was. */
  isUntrue: boolean;
  durationMs: number;
  /** What was not as it should be, other than survivors. */
  error: string | null;
}

/** Starts a tree as a job in a session of its own. Resolves when it is complete. */
export async function startTree(host: TortureHost, shape: HardShape, way: WayName): Promise<Tree> {
  for (let timeoutMs = 4000; ; timeoutMs *= 3) {
    const tag = newTag();
    const argv = shape.command(tag);
    const { options }: Way = killWays[way];
    const job = await host.start({
      ...options,
      ...(way === 'timeout' && { timeoutMs }),
      argv: way === 'memory' && !shape.rootEnds ? besideAHog(argv, goFile(host, tag), tag) : argv,
      session: tag,
    });
    const { ready } = shape;
    const view = host.view(job, tag);
    const isReady = typeof ready === 'number' ? () => view.sleepers().length === ready : () => ready(view);
    const state = await until(
      'the tree is complete',
      async () => {
        if (isReady()) return 'ready';
        if (shape.rootEnds) return undefined;
        return isEnded((await host.client.getJob(job.id)).status) ? 'ended' : undefined;
      },
      30_000,
    ).catch(async (error: unknown) => {
      const seen = JSON.stringify(view.alive());
      await endTagged(tag);
      throw new Error(seen, { cause: error });
    });
    if (state === 'ready') return { shape, way, tag, job };
    // On a busy machine the limit can come before the tree is complete.
    assert.ok(way === 'timeout' && timeoutMs < 40_000, `${shape.name} ended before it was complete`);
    await endTagged(tag);
  }
}

/** Ends a tree in its way, and counts who is left when the product says that it is done. */
export async function endTree(host: TortureHost, { shape, way, tag, job }: Tree): Promise<Outcome> {
  const started = performance.now();
  const { end, isForRuns }: Way = killWays[way];
  const isListed = shape.rootEnds === true && isForRuns === true;
  const outcome = { ...blank(shape, way), isListed };
  try {
    if (isListed) await assertListed(host, job, tag);
    const { told } = await (isListed ? kill({})(host, job) : end(host, job, tag));
    const durationMs = Math.round(performance.now() - started);
    const survivors = await survivorsOf(tag);
    const isUntrue = survivors.some(({ pid }) => !told.some((process) => process.pid === pid));
    return { ...outcome, survivors: survivors.map(({ command }) => command), isUntrue, durationMs };
  } catch (error) {
    return failedOutcome(shape, way, error);
  } finally {
    await endTagged(tag);
  }
}

/** Of a tree that was not what it should have been. */
export function failedOutcome(shape: HardShape, way: WayName, error: unknown): Outcome {
  return { ...blank(shape, way), error: describeError(error) };
}

function blank(shape: HardShape, way: WayName): Outcome {
  return { shape: shape.name, way, survivors: [], isListed: false, isUntrue: false, durationMs: 0, error: null };
}

/** A run that is over is out of reach of limits and of requests to stop it; what it has left is known. */
async function assertListed({ client }: TortureHost, { id }: Job, tag: string): Promise<void> {
  const { job } = await client.waitForJob(id);
  assert.equal(job.status, 'completed');
  const alive = await survivorsOf(tag);
  assert.deepEqual(job.leftovers.map(({ pid }) => pid).sort(), alive.map(({ pid }) => pid).sort());
}

/** The tree, and beside it a program that takes 400 MB once the file is there. */
function besideAHog(argv: readonly string[], file: string, tag: string): string[] {
  const wait = '"$@" & until [ -e "$0" ]; do sleep 0.05; done';
  const hog = `exec perl -e 'my $x = "x" x 400e6; sleep 1e6' ${tag}`;
  return ['sh', '-c', `${wait}; ${hog}`, file, ...argv];
}
