import fc from 'fast-check';
import type { RestartOption, RetryOption } from '../../../../src/api/options.ts';
import type { ModelJob, ModelSpec } from './modelJob.ts';
import { crons } from './request.ts';
import type { World } from './world.ts';

const sessions = ['a', 'b', '__proto__'] as const;
const which = fc.nat({ max: 1000 });
const exitCode = fc.constantFrom(0, 0, 1, 3);
const backoff = {
  delayMs: fc.constantFrom(0, 1000, 90_000),
  backoffFactor: fc.constantFrom(1, 2, 2.5),
  maxDelayMs: fc.constantFrom(5000, 300_000),
  jitter: fc.constant(0),
};
const isPossible = ({ delayMs, maxDelayMs }: Pick<RetryOption, 'delayMs' | 'maxDelayMs'>): boolean =>
  delayMs <= maxDelayMs;
const retry: fc.Arbitrary<RetryOption> = fc
  .record(
    { maxAttempts: fc.integer({ min: 2, max: 4 }), ...backoff, exitCodes: fc.constantFrom<number[]>([3], [1, 3]) },
    { requiredKeys: ['maxAttempts', 'delayMs', 'backoffFactor', 'maxDelayMs', 'jitter'] },
  )
  .filter(isPossible);
const restart: fc.Arbitrary<RestartOption> = fc
  .record({
    policy: fc.constantFrom('never', 'on-failure', 'always'),
    maxRestarts: fc.integer({ min: 1, max: 3 }),
    windowMs: fc.constantFrom(1000, 60_000, 600_000),
    ...backoff,
  })
  .filter(isPossible);
const condition = fc.constantFrom('succeeded', 'succeeded', 'finished', 'started', 'ready');
const need = fc.record({ which, condition });
const needs = fc.array(need, { maxLength: 3 });
const again: fc.Arbitrary<Pick<ModelSpec, 'retry' | 'restart'>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ retry: undefined, restart: undefined }) },
  { weight: 1, arbitrary: retry.map((option) => ({ retry: option, restart: undefined })) },
  { weight: 1, arbitrary: restart.map((option) => ({ retry: undefined, restart: option })) },
);
const when: fc.Arbitrary<{ inMs: number | undefined; everyMs: number | undefined }> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ inMs: undefined, everyMs: undefined }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1000, 45_000, 3_600_000).map((inMs) => ({ inMs, everyMs: undefined })),
  },
  { weight: 1, arbitrary: fc.constantFrom(...crons.keys()).map((everyMs) => ({ inMs: undefined, everyMs })) },
);
const rarely = <T>(value: T, otherwise: T): fc.Arbitrary<T> =>
  fc.integer({ min: 0, max: 7 }).map((number) => (number === 0 ? value : otherwise));
const job = fc.record({
  session: fc.constantFrom(...sessions),
  priority: fc.integer({ min: 1, max: 10 }),
  mutex: fc.constantFrom(undefined, undefined, undefined, 'm', 'n'),
  needs: fc.boolean().chain((some) => fc.array(need, { maxLength: some ? 3 : 0 })),
  ifDependencyFails: fc.constantFrom('cancel', 'cancel', 'wait'),
  again,
  when,
  ifMissed: fc.constantFrom('once', 'skip'),
  ifOverlap: fc.constantFrom('skip', 'queue', 'start'),
  held: rarely(true, false),
  isNeverReady: rarely(true, false),
  starts: fc.constantFrom('well', 'well', 'well', 'well', 'well', 'well', 'missing', 'badly'),
});
const limit = fc.integer({ min: 0, max: 3 });
export const limits = fc.record({
  maxConcurrentJobs: limit,
  maxConcurrentJobsPerSession: limit,
  sessionLimits: fc.dictionary(fc.constantFrom('a', 'b'), fc.option(limit), { noNullPrototype: false }),
});
const aJob = { which };
const step = <Type extends string, T extends object>(
  type: Type,
  weight: number,
  parts: { [K in keyof T]: fc.Arbitrary<T[K]> },
) => ({
  weight,
  arbitrary: fc.record(parts).map((values) => ({ type, ...values })),
});

export const steps = fc.oneof(
  step('start', 12, { job }),
  step('end', 12, { which, exitCode }),
  step('kill', 2, { ...aJob, requeue: fc.boolean() }),
  step('terminate', 1, { ...aJob, requeue: fc.boolean() }),
  step('restart', 2, aJob),
  step('hold', 2, aJob),
  step('release', 2, aJob),
  step('remove', 1, aJob),
  step('prioritise', 2, { ...aJob, priority: fc.integer({ min: 1, max: 10 }) }),
  step('depend', 2, { ...aJob, needs }),
  step('move', 3, { ...aJob, to: fc.constantFrom('up', 'down', 'first', 'last') }),
  step('pause', 2, { session: fc.constantFrom(undefined, ...sessions), isPaused: fc.boolean() }),
  step('limit', 2, { limits }),
  step('advance', 6, { ms: fc.constantFrom(1, 1000, 10_000, 60_000, 60_000, 300_000, 900_000) }),
  step('jump', 1, { ms: fc.constantFrom(-10_800_000, -1_200_000, 30_000, 900_000, 18_000_000) }),
  step('reopen', 2, {
    ms: fc.constantFrom(0, 0, 1000, 120_000, 7_200_000, -2_592_000_000),
    ends: fc.array(fc.option(exitCode), { maxLength: 3 }),
  }),
);
export type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

type StepOnJob = Extract<Step, { which: number }>;

export async function perform(world: World, step: Step): Promise<void> {
  const { model } = world;
  switch (step.type) {
    case 'start':
      return world.start(specOf(world, step.job));
    case 'advance':
      return world.advance(step.ms);
    case 'jump':
      return world.jump(step.ms);
    case 'pause':
      return world.pause(step.session, step.isPaused);
    case 'limit':
      return world.limit(step.limits);
    case 'reopen': {
      const ended = model.running.slice(0, step.ends.length);
      return world.reopen(step.ms, new Map(ended.map((job, index) => [job, step.ends[index] ?? null])));
    }
    default: {
      const jobs = step.type === 'end' ? model.running : model.there;
      const job = jobs[step.which % jobs.length];
      return job && performOn(world, job, step);
    }
  }
}

function performOn(world: World, job: ModelJob, step: StepOnJob): Promise<void> {
  switch (step.type) {
    case 'end':
      return world.end(job, step.exitCode);
    case 'kill':
      return world.kill(job, step.requeue);
    case 'terminate':
      return world.terminate(job, step.requeue);
    case 'restart':
      return world.restart(job);
    case 'hold':
      return world.hold(job);
    case 'release':
      return world.release(job);
    case 'remove':
      return world.remove(job);
    case 'prioritise':
      return world.change(job, { priority: step.priority });
    case 'depend':
      return world.change(job, { dependsOn: dependencies(world, step.needs) });
    case 'move':
      return world.move(job, step.to);
  }
}

type Asked = Extract<Step, { type: 'start' }>['job'];

function specOf(world: World, { needs, again, when, ...same }: Asked): ModelSpec {
  const at = when.inMs === undefined ? undefined : world.model.now + when.inMs;
  return { ...same, ...again, at, everyMs: when.everyMs, dependsOn: dependencies(world, needs) };
}

function dependencies({ model }: World, needs: Asked['needs']): ModelSpec['dependsOn'] {
  return needs.flatMap(({ which, condition }) => {
    const on = model.there[which % model.there.length];
    return on ? [{ on, condition }] : [];
  });
}
