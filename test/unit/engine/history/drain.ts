import assert from 'node:assert/strict';
import { isEnded, isWaiting, judge, type ModelJob } from './modelJob.ts';
import type { World } from './world.ts';

/** More than any history needs. */
const mostRounds = 500;

/**
 * Nothing more comes, nothing is paused, everything that runs ends well: then everybody has his turn, but for those who
 * wait for what can only come true when somebody starts it again.
 */
export async function drain(world: World): Promise<void> {
  const { model } = world;
  for (const session of [undefined, ...model.pausedSessions]) await world.pause(session, false);
  for (let round = 0; ; round++) {
    assert.ok(round < mostRounds, 'it goes on for ever');
    for (const job of model.there) await lead(world, job);
    if (model.nextDue < Infinity) await world.advance(Math.max(1, model.nextDue - model.now));
    await world.check();
    if (model.there.every((job) => isEnded(job) || isStuck(job, []))) return;
  }
}

async function lead(world: World, job: ModelJob): Promise<void> {
  const { spec } = job;
  if (job.status === 'held') await world.release(job);
  const isEndless = spec.everyMs !== undefined || spec.restart !== undefined;
  if (isEndless && !isEnded(job)) await world.kill(job, false);
  else if (job.status === 'scheduled') await world.release(job);
  else if (job.status === 'running') await world.end(job, 0);
}

/** Not by a circle: at the end of its needs there is something that has ended, or is no more. */
function isStuck(job: ModelJob, way: readonly ModelJob[]): boolean {
  assert.ok(!way.includes(job), 'they wait for each other');
  if (!isWaiting(job)) return true;
  const unmet = job.spec.dependsOn.filter(({ on, condition }) => judge(on, condition) !== 'met');
  return unmet.some(({ on }) => on.isRemoved || (on.status !== 'running' && isStuck(on, [...way, job])));
}
