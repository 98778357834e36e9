import assert from 'node:assert/strict';
import {
  DependencyGraph,
  findCircle,
  judge,
  judgeAll,
  type Observed,
  type Verdict,
} from '../../../../src/engine/queue/dependencies.ts';
import type { Dependency, DependencyCondition } from '../../../../src/api/options.ts';
import type { JobStatus } from '../../../../src/api/values.ts';
import { jobRow } from '../../../helpers/engine/jobRow.ts';

const conditions = ['succeeded', 'finished', 'started', 'ready'] as const;

type Verdicts = readonly [succeeded: Verdict, finished: Verdict, started: Verdict, ready: Verdict];

/** Of a job whose current run has had processes and was ready, or has no readiness to tell. */
const whenReady: Record<JobStatus, Verdicts> = {
  held: ['open', 'open', 'open', 'open'],
  scheduled: ['open', 'open', 'open', 'open'],
  pending: ['open', 'open', 'open', 'open'],
  starting: ['open', 'open', 'open', 'open'],
  running: ['open', 'open', 'met', 'met'],
  paused: ['open', 'open', 'met', 'met'],
  stopping: ['open', 'open', 'met', 'met'],
  completed: ['met', 'met', 'met', 'met'],
  failed: ['failed', 'met', 'met', 'failed'],
  killed: ['failed', 'met', 'met', 'failed'],
  timed_out: ['failed', 'met', 'met', 'failed'],
  lost: ['failed', 'met', 'met', 'failed'],
  cancelled: ['failed', 'met', 'failed', 'failed'],
};

/** What else is so where readiness is still open, or has not come in time. */
const whenOpen: Partial<Record<JobStatus, Verdict>> = {
  running: 'open',
  paused: 'open',
  stopping: 'open',
  completed: 'failed',
};
const whenNot: Partial<Record<JobStatus, Verdict>> = {
  running: 'failed',
  paused: 'failed',
  stopping: 'open',
  completed: 'failed',
};

function observed(status: JobStatus, ready: Observed['ready'], started = true): Observed {
  return { status, isClearing: false, started, ready };
}

describe('a dependency', () => {
  for (const [status, verdicts] of Object.entries(whenReady) as [JobStatus, Verdicts][]) {
    it(`on a job that is ${status} is ${verdicts.join(', ')}, as it asks for ${conditions.join(', ')}`, () => {
      const judged = (seen: Observed): Verdict[] => conditions.map((condition) => judge(condition, seen));
      const [succeeded, finished, started, ready] = verdicts;
      assert.deepEqual(judged(observed(status, 'yes')), verdicts);
      assert.deepEqual(judged(observed(status, 'open')), [succeeded, finished, started, whenOpen[status] ?? ready]);
      assert.deepEqual(judged(observed(status, 'no')), [succeeded, finished, started, whenNot[status] ?? ready]);
    });
  }

  it('on a start that never had processes: it has ended, and nothing else can come true', () => {
    const judged = conditions.map((condition) => judge(condition, observed('failed', 'open', false)));
    assert.deepEqual(judged, ['failed', 'met', 'failed', 'failed']);
  });

  it('on a job that no longer exists has failed, whatever its condition', () => {
    for (const condition of conditions) assert.equal(judge(condition, undefined), 'failed');
  });
});

describe('all dependencies of a job', () => {
  const jobs = new Map<string, Observed>([
    ['well', observed('completed', 'open')],
    ['badly', observed('failed', 'open')],
    ['running', observed('running', 'open')],
  ]);
  const ask = (names: readonly string[], ifDependencyFails: 'cancel' | 'wait' = 'cancel') => {
    const dependsOn = names.map((job): Dependency => ({ job, condition: 'succeeded' }));
    return judgeAll(jobRow({ dependsOn, ifDependencyFails }), (id) => jobs.get(id));
  };
  const blocking = (jobId: string, status: JobStatus | null) => ({ jobId, status, condition: 'succeeded' as const });

  it('are met when each is', () => {
    assert.deepEqual(ask([]), { verdict: 'met', blocking: [] });
    assert.deepEqual(ask(['well', 'well']), { verdict: 'met', blocking: [] });
  });

  it('are open while one is, and name it', () => {
    assert.deepEqual(ask(['well', 'running']), { verdict: 'open', blocking: [blocking('running', 'running')] });
  });

  it('have failed as soon as one has, and name it', () => {
    const failed = [blocking('badly', 'failed'), blocking('gone', null)];
    assert.deepEqual(ask(['running', 'badly', 'gone']), { verdict: 'failed', blocking: failed });
  });

  it('are open instead when the job waits for what has failed', () => {
    const open = [blocking('badly', 'failed'), blocking('running', 'running')];
    assert.deepEqual(ask(['running', 'badly'], 'wait'), { verdict: 'open', blocking: open });
  });
});

describe('DependencyGraph', () => {
  const needing = (id: string, needs: readonly string[], condition: DependencyCondition = 'succeeded') =>
    jobRow({ dependsOn: needs.map((job) => ({ job, condition })) }, { id });
  const made = (edges: Readonly<Record<string, readonly string[]>>): DependencyGraph => {
    const graph = new DependencyGraph(assert.fail);
    for (const [id, needs] of Object.entries(edges)) graph.add(needing(id, needs));
    return graph;
  };
  const dependents = (graph: DependencyGraph, id: string): string[] => graph.dependentsOf(id).map((job) => job.id);

  it('knows which job waits for which, also when one is named twice', () => {
    const graph = made({ b: ['a', 'a'], c: ['a', 'b'], d: [] });
    assert.deepEqual(dependents(graph, 'a'), ['b', 'c']);
    assert.deepEqual(dependents(graph, 'b'), ['c']);
    assert.deepEqual([dependents(graph, 'c'), dependents(graph, 'nobody')], [[], []]);
  });

  it('forgets jobs that no longer wait, and old dependencies that were changed meanwhile', () => {
    const graph = new DependencyGraph(assert.fail);
    const job = needing('b', ['a', 'x']);
    graph.add(job);
    job.spec.dependsOn = [{ job: 'c', condition: 'finished' }];
    graph.remove('b');
    graph.remove('b');
    for (const id of ['a', 'x', 'c']) assert.deepEqual(dependents(graph, id), []);
    graph.add(job);
    assert.deepEqual([dependents(graph, 'c'), dependents(graph, 'a')], [['b'], []]);
    graph.add(needing('b', ['a']));
    assert.deepEqual([dependents(graph, 'c'), dependents(graph, 'a')], [[], ['b']]);
  });

  it('reads a job that many wait for only once, until it changes', () => {
    let looks = 0;
    let status: JobStatus = 'running';
    const graph = new DependencyGraph(() => {
      looks++;
      return observed(status, 'open');
    });
    const waiting = Array.from({ length: 5 }, (_, index) => needing(`w${index}`, ['a']));
    const judged = (): Verdict[] => waiting.map((job) => graph.judge(job).verdict);
    for (const job of waiting) graph.add(job);
    assert.deepEqual([new Set(judged()), looks], [new Set(['open']), 1]);
    status = 'completed';
    assert.deepEqual(graph.changed('a'), waiting);
    assert.deepEqual([new Set(judged()), looks], [new Set(['met']), 2]);
    // Of one that nobody is known to wait for nothing is kept.
    for (const job of waiting) graph.remove(job.id);
    judged();
    assert.deepEqual([graph.changed('a'), looks], [[], 7]);
  });
});

describe('a circle of dependencies', () => {
  const find = (jobId: string, needed: readonly string[], edges: Readonly<Record<string, readonly string[]>>) =>
    findCircle(jobId, needed, (id) => edges[id] ?? []);

  it('is found at any length, and its path is reported', () => {
    const edges = { b: ['a'], c: ['b'], d: ['x', 'c'] };
    assert.deepEqual(find('a', ['d'], edges), ['a', 'd', 'c', 'b', 'a']);
    assert.deepEqual(find('a', ['x', 'b'], edges), ['a', 'b', 'a']);
    assert.deepEqual(find('a', ['a'], edges), ['a', 'a']);
    assert.equal(find('a', ['x'], edges), undefined);
    assert.equal(find('new', ['d'], edges), undefined);
  });

  it('is not confused with a diamond, whose jobs are each visited once', () => {
    let asked = 0;
    const below = (id: string): string[] => {
      asked++;
      const layer = Number(id.slice(1));
      return layer === 0 ? [] : [`l${layer - 1}`, `r${layer - 1}`];
    };
    // Along every way there would be 2^40 of them.
    assert.equal(findCircle('new', ['l40', 'r40'], below), undefined);
    assert.equal(asked, 82);
    assert.equal(findCircle('l0', ['r40'], below)?.length, 42);
  });

  it('is found after a chain of ten thousand jobs', () => {
    const circle = findCircle('0', ['10000'], (id) => (id === '0' ? [] : [String(Number(id) - 1)]));
    assert.equal(circle?.length, 10_002);
  });

  it('that existed before, among other jobs, does not prevent a new dependency', () => {
    assert.equal(find('a', ['b'], { b: ['c'], c: ['b'] }), undefined);
  });
});
