import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Job, Run } from '../../src/api/job.ts';
import { isEnded, mayFollow, type JobStatus } from '../../src/api/values.ts';
import { CrashHistory, lines, type Counts } from './crashHistory.ts';
import { until } from './until.ts';

/** Plays the history of this seed, and checks that all that is promised holds. @throws Error that names the seed */
export async function checkHistory(seed: number, steps: number): Promise<Counts> {
  try {
    await using history = await CrashHistory.open(seed);
    await history.play(steps);
    const jobs = await history.everyJob();
    checkNobodyIsGone(history, jobs);
    const began = history.noted('began');
    assert.equal(new Set(began).size, began.length, `a run has begun twice: ${began.join(' ')}`);
    for (const job of jobs) await checkJob(history, job);
    await checkNobodyIsLeft(history);
    const { job } = await history.client.startJob({ argv: ['true'], cwd: history.home });
    assert.equal((await history.client.waitForJob(job.id)).job.status, 'completed', 'the queue does not go on');
    const runs = jobs.flatMap((one) => one.runs);
    const lost = runs.filter(({ status }) => status === 'lost').length;
    return { ...history.counts, jobs: jobs.length, runs: runs.length, lost };
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function checkNobodyIsGone({ acknowledged, mayBeGone }: CrashHistory, jobs: readonly Job[]): void {
  const known = new Set(jobs.flatMap(({ id, task }) => [id, task?.array]));
  const gone = [...acknowledged].filter((id) => !known.has(id) && !mayBeGone.has(id));
  assert.deepEqual(gone, [], 'a job is gone');
}

async function checkNobodyIsLeft(history: CrashHistory): Promise<void> {
  try {
    await until('no process is left', () => (history.processes().length === 0 ? true : undefined), 5000);
  } catch {
    const left = history.processes();
    const jobs = await history.everyJob();
    const of = left.map(({ runId }) => jobs.find(({ id }) => runId.startsWith(id)) ?? null);
    assert.fail(`${JSON.stringify(left)} ${JSON.stringify(of)}`);
  }
}

async function checkJob(history: CrashHistory, job: Job): Promise<void> {
  const what = JSON.stringify(job);
  assert.ok(isEnded(job.status), what);
  checkStatuses(history.home, job);
  for (const run of job.runs) await checkRun(history, job, run);
}

/** One status follows the other as the table has it. */
function checkStatuses(home: string, job: Job): void {
  using database = new DatabaseSync(join(home, 'jobs.db'), { readOnly: true });
  const rows = database
    .prepare('SELECT toStatus FROM events WHERE jobId = ? AND toStatus IS NOT NULL ORDER BY seq')
    .all(job.id);
  const statuses = rows.map(({ toStatus }) => toStatus as JobStatus);
  for (const [index, status] of statuses.entries()) {
    const before = statuses[index - 1];
    // Of a task that is run again, no event says that it waits: its array tells.
    const isAgain = job.task !== null && status === 'starting' && before !== undefined && isEnded(before);
    assert.ok(before === undefined || isAgain || mayFollow(before, status), `${job.id}: ${statuses.join(', ')}`);
  }
  // Tasks that are cancelled with their array before they begin have no events.
  if (job.task === null || job.status !== 'cancelled') assert.equal(statuses.at(-1), job.status);
}

async function checkRun(history: CrashHistory, job: Job, run: Run): Promise<void> {
  const { runId, status, exitCode } = run;
  const what = JSON.stringify(run);
  assert.ok(isEnded(status), what);
  const codes = history
    .noted('ended')
    .flatMap((line) => (line.startsWith(`${runId} `) ? [Number(line.split(' ')[1])] : []));
  if (status === 'lost') assert.ok(history.orphaned.has(runId), `lost, though its supervisor was not killed: ${what}`);
  if (status !== 'completed' && status !== 'failed') return;
  assert.deepEqual(codes, [exitCode], what);
  assert.equal(status, exitCode === 0 ? 'completed' : 'failed', what);
  const { chunks } = await history.client.getOutput(job.id, { run: run.number, limit: 16_777_216 });
  const expected = Array.from({ length: lines }, (_, index) => `line ${index}\n`).join('');
  assert.equal(chunks.map(({ text }) => text).join(''), expected, what);
}
