import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../../src/api/job.ts';
import { isEnded, type JobStatus, mayFollow } from '../../../src/api/values.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';
import { processesWith } from '../../helpers/engine/processes.ts';
import { withRandomNumbers } from '../../helpers/random.ts';
import { EngineProcess } from './engineProcess.ts';

const kills = 24;
const settings = { maxConcurrentJobs: 6, maxConcurrentJobsPerSession: 0 };
const lines = 300;

/** Says who it is, before and after; writes to both streams meanwhile. */
const working = [
  'echo "$BGJOBS_RUN_ID" >>began',
  `i=0; while [ $i -lt ${lines} ]; do echo "line $i"; i=$((i+1)); [ $((i % 100)) = 0 ] && sleep 0.05; done`,
  'echo done >&2; echo "$BGJOBS_RUN_ID" >>ended; exit $0',
].join('\n');
const stubborn = 'trap "" TERM; echo "$BGJOBS_RUN_ID" >>began; while :; do sleep 0.1; done';

describe(`an engine that is killed ${kills} times, whenever it is`, function () {
  this.timeout(300_000);
  this.retries(0);

  for (const spawn of ['system', 'node'] as const) {
    it(`loses no job, runs none twice, and knows how each has ended; started by: ${spawn}`, () =>
      withRandomNumbers(async (random) => {
        await using test = await EngineFixture.open(settings);
        await test.close();
        const request = { cwd: test.home, env: { TEST_HOME: test.home } };
        for (let turn = 0; turn < kills; turn++) {
          const engine = new EngineProcess(test.home, settings, spawn);
          // Every third is killed at any time from its birth on: while it takes over what the last one has left.
          if (turn % 3 === 2) {
            await sleep(random(900));
          } else {
            for (let index = 0; index < 3; index++) {
              const code = random(128);
              const argv = ['sh', '-c', working, String(code)];
              const tags = { code: String(code), turn: String(turn) };
              void engine.ask('startJob', { ...request, argv, tags, idempotencyKey: `${turn}-${index}` });
            }
            const argv = ['sh', '-c', stubborn];
            const asked = engine.ask('startJob', { ...request, argv, tags: { kill: '' }, graceMs: 150, priority: 10 });
            void asked.then(({ job }) => engine.ask('killJob', job.id, { reason: `turn ${turn}` }));
            // The first answer says that it is up; then at any time among the starts, the stops and the ends.
            await engine.ask('listJobs', {});
            await sleep(random(250));
          }
          await engine.kill();
        }

        await test.open();
        const jobs = await everyJob(test);
        assert.ok(jobs.length > kills, `${jobs.length} jobs`);
        for (const job of jobs) {
          // The request to kill it may have come too late for the engine that was to hear it.
          if ('kill' in job.tags) await test.engine.killJob(job.id);
          await test.ended(job);
        }
        assert.deepEqual(processesWith(`TEST_HOME=${test.home}`), []);
        assert.equal(test.engine.isIdle(), true);
        const [began, ended] = ['began', 'ended'].map((name) => test.file(name).split('\n').filter(Boolean)) as [
          string[],
          string[],
        ];
        assert.equal(new Set(began).size, began.length, 'a run has begun twice');
        for (const job of await everyJob(test)) await check(test, job, began, ended);
      }));
  }
});

async function everyJob({ engine }: EngineFixture): Promise<Job[]> {
  const { jobs, cursor } = await engine.listJobs({ limit: 1000 });
  assert.equal(cursor, null);
  return jobs;
}

async function check(test: EngineFixture, job: Job, began: string[], ended: string[]): Promise<void> {
  const what = JSON.stringify(job, null, 1);
  // A run that was recorded and had not begun when the engine was killed is no run; the next one has the next number.
  const runId = `${job.id}.${job.run}`;
  checkHistory(test, job);
  if (job.status === 'cancelled') {
    // The request to kill it came while it waited.
    assert.ok('kill' in job.tags && job.runs.length === 0 && !began.includes(runId), what);
    return;
  }
  assert.equal(job.runs.length, 1, what);
  assert.deepEqual(
    began.filter((id) => id.startsWith(job.id)),
    began.filter((id) => id === runId),
    what,
  );
  if ('kill' in job.tags) {
    assert.deepEqual([job.status, job.reason], ['killed', 'user'], what);
    assert.ok(job.reasonText === null || job.reasonText.startsWith('turn'), what);
  } else {
    const code = Number(job.tags['code']);
    assert.deepEqual([job.status, job.exitCode], [code === 0 ? 'completed' : 'failed', code], what);
    assert.equal(ended.filter((id) => id === runId).length, 1, what);
    const expected = Array.from({ length: lines }, (_, index) => `line ${index}\n`).join('');
    assert.equal(await test.text(job, { stream: 'stdout' }), expected);
    assert.equal(await test.text(job, { stream: 'stderr' }), 'done\n');
    assert.deepEqual([job.runs[0]?.stdoutBytes, job.runs[0]?.stderrBytes], [expected.length, 5]);
  }
}

/** One status follows the other as the table has it, to one end. */
function checkHistory(test: EngineFixture, job: Job): void {
  const history = test.events(job).flatMap(({ toStatus }) => toStatus ?? []);
  history.reduce((from: JobStatus, to: JobStatus) => {
    assert.ok(mayFollow(from, to), history.join());
    return to;
  });
  assert.equal(history.filter(isEnded).length, 1, history.join());
}
