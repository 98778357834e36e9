import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { childrenOf, processesWith } from '../../helpers/engine/processes.ts';

describe('starting a job', () => {
  it('runs it to its end and records all of it', async () => {
    await using test = await EngineFixture.open();
    const said = { name: 'build', session: 'web', tags: { kind: 'test' }, priority: 7 };
    const started = await test.sh('echo out; echo err >&2; exit 3', { ...said, actor: 'agent' });
    const job = await test.ended(started);
    const { name, session, tags, priority } = job;
    assert.deepEqual({ name, session, tags, priority }, said);
    assert.deepEqual(
      [job.status, job.exitCode, job.signal, job.reason, job.error, job.waitingFor],
      ['failed', 3, null, 'exit', null, null],
    );
    assert.deepEqual([job.id, job.shortId, job.run], [started.id, started.id.slice(0, 8), 1]);
    assert.ok(job.startedAt && job.finishedAt && job.createdAt <= job.startedAt && job.startedAt <= job.finishedAt);
    assert.equal(job.durationMs, Date.parse(job.finishedAt) - Date.parse(job.startedAt));
    const [run] = job.runs;
    assert.deepEqual([run?.runId, run?.stdoutBytes, run?.stderrBytes, job.runs.length], [`${job.id}.1`, 4, 4, 1]);
    assert.equal(await test.text(job, { stream: 'stdout' }), 'out\n');
    assert.equal(await test.text(job, { stream: 'stderr' }), 'err\n');
    assert.equal(job.options.actor, 'agent');
  });

  for (const [script, expected] of Object.entries({
    'exit 0': ['completed', 0, null, 'exit'],
    'exit 255': ['failed', 255, null, 'exit'],
    'kill -KILL $$': ['failed', null, 'SIGKILL', 'signal'],
    'kill -TERM $$': ['failed', null, 'SIGTERM', 'signal'],
  })) {
    it(`calls the end of "${script}" ${expected[0]}`, async () => {
      await using test = await EngineFixture.open();
      const { status, exitCode, signal, reason } = await test.ended(await test.sh(script));
      assert.deepEqual([status, exitCode, signal, reason], expected);
    });
  }

  it('answers with the pid of the command, not of its supervisor', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo $$; echo up; exec sleep 60');
    assert.equal(job.pid, Number((await test.text(job)).split('\n')[0]));
  });

  it('takes a shell line', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.start({ command: 'echo "$0" | tr a-z A-Z', shell: '/bin/sh' }));
    assert.equal(await test.text(job), '/BIN/SH\n');
    assert.deepEqual([job.argv, job.command], [null, 'echo "$0" | tr a-z A-Z']);
  });

  it('keeps both streams in order in one file, if asked', async () => {
    await using test = await EngineFixture.open();
    const script = 'for i in 1 2 3; do echo o$i; echo e$i >&2; done';
    const job = await test.ended(await test.sh(script, { capture: 'merged' }));
    assert.equal(await test.text(job), 'o1\ne1\no2\ne2\no3\ne3\n');
    assert.equal(job.runs[0]?.logs.stderr, null);
  });

  it("takes the caller's environment as the base, stores nothing of it, and names what the job changes", async () => {
    await using test = await EngineFixture.open();
    const inheritEnv = { PATH: process.env['PATH'] ?? '', SECRET: 'inherited-4711', GONE: '1' };
    const job = await test.ended(
      await test.sh('echo $SECRET:$GONE:$OWN', { inheritEnv, env: { GONE: null, OWN: 'x' } }),
    );
    assert.equal(await test.text(job), 'inherited-4711::x\n');
    assert.ok(!JSON.stringify(test.record(job)).includes('inherited-4711'));
    assert.deepEqual(job.options.env.sort(), ['GONE', 'OWN', 'TEST_HOME']);
  });

  it('reads the environment file when the job is created; the job wins over it', async () => {
    await using test = await EngineFixture.open();
    const envFile = test.path('env');
    writeFileSync(envFile, '# comment\nA=file\nB="two words"\n');
    const script = 'echo $A:$B';
    const held = await test.sh(script, { envFile, env: { A: 'job' }, held: true });
    rmSync(envFile);
    await test.engine.releaseJob(held.id);
    assert.equal(await test.text(await test.ended(held)), 'job:two words\n');
    await assert.rejects(test.sh(script, { envFile }), failure('invalid_request', /envFile.*cannot be read/));
    await assert.rejects(test.sh(script, { envFile: 'env' }), failure('invalid_request', /absolute/));
  });

  it('gives back the same job for the same key', async () => {
    await using test = await EngineFixture.open();
    const request = { argv: ['true'], cwd: test.home, idempotencyKey: 'once' };
    const first = await test.engine.startJob(request);
    await test.ended(first.job);
    const second = await test.engine.startJob(request);
    assert.deepEqual([first.created, second.created, second.job.id], [true, false, first.job.id]);
    assert.equal(second.job.status, 'completed');
    assert.equal((await test.engine.listJobs()).total, 1);
    await test.engine.removeJob(first.job.id);
    assert.equal((await test.engine.startJob(request)).created, true);
  });

  it('refuses what cannot be, and stores nothing of it', async () => {
    await using test = await EngineFixture.open();
    writeFileSync(test.path('file'), '');
    const { engine, home } = test;
    const start = (request: object) => engine.startJob({ argv: ['true'], cwd: home, ...request });
    await assert.rejects(start({ cwd: test.path('nowhere') }), failure('cwd_not_found', /nowhere/));
    await assert.rejects(start({ cwd: test.path('file') }), failure('cwd_not_found'));
    await assert.rejects(start({ cwd: '.' }), failure('invalid_request', /absolute/));
    await assert.rejects(start({ command: 'true' }), failure('invalid_request', /one of command .*, argv/));
    await assert.rejects(start({ priority: 11 }), failure('invalid_request', /^priority/));
    await assert.rejects(start({ at: '2099-01-01T00:00:00' }), failure('invalid_request', /^at: .*with a time zone/));
    await assert.rejects(start({ prio: 1 }), failure('invalid_request', /unknown field "prio"/));
    await assert.rejects(
      start({ stdin: { type: 'file', path: test.path('nowhere') } }),
      failure('invalid_request', /^stdin: /),
    );
    assert.equal((await engine.listJobs()).total, 0);
    assert.deepEqual(processesWith(home), []);
  });

  it('records what cannot start as failed, and says why', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const missing = await test.ended(await test.start({ argv: ['no-such-command'] }));
    assert.deepEqual([missing.status, missing.reason, missing.exitCode], ['failed', 'spawn_error', null]);
    assert.equal(missing.error?.code, 'command_not_found');
    assert.match(missing.error?.message ?? '', /no-such-command/);
    assert.equal(await test.text(missing), '');

    mkdirSync(test.path('folder'));
    const held = await test.start({ cwd: test.path('folder'), held: true });
    rmSync(test.path('folder'), { recursive: true });
    await test.engine.releaseJob(held.id);
    assert.equal((await test.ended(held)).error?.code, 'cwd_not_found');
    // Neither has kept the only place.
    assert.equal((await test.ended(await test.start())).status, 'completed');
  });

  it('has no output before it has run', async () => {
    await using test = await EngineFixture.open();
    const job = await test.start({ held: true });
    const { chunks, next, more, droppedBytes, status } = await test.engine.getOutput(job.id);
    assert.deepEqual([chunks, next, more, droppedBytes, status], [[], 0, false, 0, 'held']);
    await assert.rejects(test.engine.getOutput(job.id, { run: 1 }), failure('run_not_found'));
    await test.engine.releaseJob(job.id);
    await test.ended(job);
    assert.equal(await test.text(job, { run: 1 }), '');
  });

  it('holds a job until it is released', async () => {
    await using test = await EngineFixture.open();
    const job = await test.sh('echo ran >ran', { held: true });
    assert.deepEqual([job.status, job.run, job.pid], ['held', null, null]);
    await test.ended(await test.start());
    assert.equal(test.file('ran'), '');
    assert.ok(['running', 'completed'].includes((await test.engine.releaseJob(job.id)).status));
    await test.ended(job);
    assert.equal(test.file('ran'), 'ran\n');
    await assert.rejects(test.engine.releaseJob(job.id), failure('invalid_state', /completed/));
  });

  it('feeds a job while it runs, and only then', async () => {
    await using test = await EngineFixture.open();
    const pipe = { stdin: { type: 'pipe' } } as const;
    const job = await test.sh('cat; exit 5', pipe);
    await test.engine.sendInput(job.id, { text: 'one\n' });
    await test.engine.sendInput(job.id, { text: 'two', eof: true });
    const ended = await test.ended(job);
    assert.equal(ended.exitCode, 5);
    assert.equal(await test.text(job), 'one\ntwo');
    await assert.rejects(test.engine.sendInput(job.id, { text: 'x' }), failure('invalid_state', /failed/));
    const deaf = await test.sh('sleep 60');
    await assert.rejects(test.engine.sendInput(deaf.id, { eof: true }), failure('invalid_state', /stdin pipe/));
    await assert.rejects(test.engine.sendInput(deaf.id, {}), failure('invalid_request', /text, eof/));
    const held = await test.sh('cat', { ...pipe, held: true });
    await assert.rejects(test.engine.sendInput(held.id, { eof: true }), failure('invalid_state', /held/));
  });

  it('ends the input of a job that has just been started', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0 });
    const starts = Array.from({ length: 10 }, async () => {
      const job = await test.start({ argv: ['cat'], stdin: { type: 'pipe' } });
      await test.engine.sendInput(job.id, { text: 'all', eof: true });
      await test.ended(job);
      return test.text(job);
    });
    assert.deepEqual(
      await Promise.all(starts),
      Array.from({ length: 10 }, () => 'all'),
    );
  });

  it('leaves no process of its own when the job has ended', async () => {
    await using test = await EngineFixture.open();
    const before = childrenOf(process.pid).length;
    await test.ended(await test.sh('cat', { stdin: { type: 'text', text: 'x' } }));
    await until('nothing is left', () => (processesWith(test.home).length === 0 ? true : undefined));
    assert.equal(childrenOf(process.pid).length, before);
  });
});
