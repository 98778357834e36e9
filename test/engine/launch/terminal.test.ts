import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { processesWith, stateOf } from '../../helpers/engine/processes.ts';
import { until } from '../../helpers/until.ts';

describe('a job with a terminal', () => {
  it('has one on all three descriptors, of the size that was given, and nothing else of its holder', async () => {
    await using test = await EngineFixture.open();
    const script =
      'tty; test -t 0 && test -t 1 && test -t 2 && echo all; stty size; ls -l /proc/self/fd; cat </dev/tty';
    const job = await test.up(`${script} & echo up; wait`, { tty: true, terminalSize: { columns: 93, rows: 31 } });
    await test.says(job, '31 93');
    const text = await test.text(job);
    assert.match(text, /^\/dev\/pts\/\d+\r$/m);
    assert.match(text, /^all\r$/m);
    assert.doesNotMatch(text, /ptmx|output\.log|exit\r$/m);
    assert.equal(job.options.tty, true);
    assert.deepEqual([job.options.capture, job.options.stdin], ['merged', 'pipe']);
  });

  it('has the variables of a terminal, those of its request first, and those that its holder must not take', async () => {
    await using test = await EngineFixture.open();
    const env = { NODE_OPTIONS: '--no-such-option', COLORTERM: '24bit', COLUMNS: '7', BGJOBS_X: 'ü' };
    const job = await test.start({ argv: ['env'], tty: true, env });
    assert.equal((await test.ended(job)).exitCode, 0);
    const lines = (await test.text(job)).split('\r\n');
    for (const line of ['TERM=xterm-256color', 'COLORTERM=24bit', 'COLUMNS=7', 'NODE_OPTIONS=--no-such-option'])
      assert.ok(lines.includes(line), line);
    assert.ok(lines.includes('BGJOBS_X=ü'));
    assert.ok(!lines.some((line) => /^(LINES|ELECTRON_RUN_AS_NODE|BGJOBS_COMMAND_VARIABLES)=/.test(line)));
    assert.ok(lines.includes(`BGJOBS_RUN_ID=${job.id}.1`));
  });

  for (const [script, exitCode, signal] of [
    ['exit 0', 0, null],
    ['exit 3', 3, null],
    ['exit 137', 137, null],
    ['kill -KILL $$', null, 'SIGKILL'],
    ['kill -TERM $$', null, 'SIGTERM'],
    ['kill -INT $$', null, 'SIGINT'],
    ['kill -HUP $$', null, 'SIGHUP'],
    ['ulimit -c 0; kill -SEGV $$', null, 'SIGSEGV'],
  ] as const) {
    it(`ends as its command does: ${script}`, async () => {
      await using test = await EngineFixture.open();
      const job = await test.ended(await test.sh(script, { tty: true }));
      assert.deepEqual([job.exitCode, job.signal], [exitCode, signal]);
      assert.deepEqual(job.leftovers, []);
    });
  }

  it('prints everything before it ends, however much', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.sh('seq 1 200000', { tty: true }));
    assert.equal(job.runs[0]?.stdoutBytes, 1_288_895 + 200_000);
    assert.ok((await test.text(job)).endsWith('\r\n200000\r\n'));
  });

  it('reads what is typed, as a line and as keys: Ctrl+D and Ctrl+C', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(
      'echo up; read line; echo "<$line>"; cat; trap "echo caught; exit 9" INT; echo on; while :; do sleep 0.1; done',
      { tty: true },
    );
    await test.engine.sendInput(job.id, { text: 'ünï\n' });
    await test.says(job, '<ünï>');
    await test.engine.sendInput(job.id, { text: 'echoed\n' });
    await test.engine.sendInput(job.id, { eof: true });
    await test.says(job, 'on');
    await test.engine.sendInput(job.id, { text: '\u0003' });
    assert.equal((await test.ended(job)).exitCode, 9);
    // Once as the terminal echoes it, once as cat prints it.
    assert.equal((await test.text(job)).split('echoed').length, 3);
  });

  it('is resized, and told so, even if the size stays', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('trap "stty size" WINCH; echo up; while :; do sleep 0.05; done', { tty: true });
    await test.engine.resizeTerminal(job.id, { columns: 120, rows: 40 });
    await test.says(job, '40 120');
    const shown = async (): Promise<number> => (await test.text(job)).split('40 120').length - 1;
    await until('it is told once', async () => ((await shown()) === 1 ? true : undefined));
    await test.engine.resizeTerminal(job.id, { columns: 120, rows: 40 });
    await until('it is told again', async () => ((await shown()) > 1 ? true : undefined));
    await assert.rejects(
      test.engine.resizeTerminal(job.id, { columns: 0, rows: 40 }),
      failure('invalid_request', /columns/),
    );
    await test.engine.killJob(job.id);
    await assert.rejects(
      test.engine.resizeTerminal(job.id, { columns: 1, rows: 1 }),
      failure('invalid_state', /running/),
    );
    const plain = await test.up('echo up; sleep 60');
    await assert.rejects(
      test.engine.resizeTerminal(plain.id, { columns: 1, rows: 1 }),
      failure('invalid_state', /tty/),
    );
  });

  it('is killed with its whole tree, also with what has left the session and ignores signals', async () => {
    await using test = await EngineFixture.open();
    const script =
      'trap "" TERM HUP; setsid sh -c "trap \'\' TERM HUP; sleep 71" & bash -ic "sleep 72" & sleep 73 & echo up; wait; wait';
    const job = await test.up(script, { tty: true, graceMs: 100 });
    await until('all of it runs', () => (processesWith(`BGJOBS_RUN_ID=${job.id}.1`).length >= 6 ? true : undefined));
    const killed = await test.engine.killJob(job.id);
    assert.deepEqual(
      [killed.result, killed.escalated, killed.job.signal, killed.survivors],
      ['killed', true, 'SIGKILL', []],
    );
    assert.deepEqual(processesWith(test.home), []);
  });

  it('is adopted after the engine has gone, with its terminal, and its end is known', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; read line; stty size; exit 130', { tty: true });
    const ending = await test.up('echo up; read line; exit 42', { tty: true });
    await test.engine.sendInput(ending.id, { text: '\n' });
    await test.close();
    await test.open();
    assert.equal((await test.engine.getJob(job.id)).status, 'running');
    await test.engine.resizeTerminal(job.id, { columns: 66, rows: 22 });
    await test.engine.sendInput(job.id, { text: '\n' });
    const { exitCode, signal } = await test.ended(job);
    assert.deepEqual([exitCode, signal], [130, null]);
    assert.match(await test.text(job), /22 66/);
    assert.equal((await test.ended(ending)).exitCode, 42);
  });

  it('is typed into whatever a host has left that was killed while it wrote', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; read line; echo "<$line>"', { tty: true });
    await test.close();
    appendFileSync(join(dirname(job.runs[0]!.logs.stdout), 'stdin'), '[broken\n{"text":"half of a li');
    await test.open();
    await test.engine.sendInput(job.id, { text: `whole${'!'.repeat(3000)}\n` });
    assert.equal((await test.ended(job)).exitCode, 0);
    assert.match(await test.text(job), /<whole!{3000}>/);
  });

  it('is given to each run of a job that is restarted', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.sh('tty', { tty: true }));
    const again = await test.ended(await test.engine.restartJob(job.id));
    assert.equal(again.run, 2);
    assert.match(await test.text(again), /^\/dev\/pts/);
  });

  it('is paused and resumed, and reads then what was typed meanwhile', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; read line; echo "<$line>"', { tty: true });
    await test.engine.pauseJob(job.id);
    assert.equal(stateOf(job.pid!), 'T');
    await test.engine.sendInput(job.id, { text: 'later\n' });
    await test.engine.resumeJob(job.id);
    await test.ended(job);
    assert.match(await test.text(job), /<later>/);
  });

  it('has the limits of every job: time, memory, priority and the size of its log', async () => {
    await using test = await EngineFixture.open();
    const late = await test.sh('sleep 60', { tty: true, timeoutMs: 200 });
    const large = await test.sh('exec node -e "globalThis.a = Buffer.alloc(2e8, 1); setInterval(() => 0, 1000)"', {
      tty: true,
      limits: { memoryBytes: 150_000_000 },
    });
    const nice = await test.sh('nice', { tty: true, limits: { nice: 7 } });
    const long = await test.sh('seq 1 100000', { tty: true, maxLogBytes: 65_536 });
    assert.equal((await test.ended(late)).reason, 'timeout');
    const { status, reason } = await test.ended(large);
    assert.deepEqual([status, reason], ['timed_out', 'out_of_memory']);
    await test.ended(nice);
    assert.equal((await test.text(nice)).trim(), '7');
    const { runs } = await test.ended(long);
    assert.ok(runs[0]!.droppedBytes > 0);
    const ending = await test.ended(
      await test.sh('seq 1 1000000', { tty: true, maxLogBytes: 65_536, whenFull: 'end' }),
    );
    assert.equal(ending.reason, 'log_full');
  });

  it('shows what it has left, which is marked as of its run', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(
      await test.sh('setsid nohup sleep 74 >/dev/null 2>&1 & sleep 0.2; exit 3', { tty: true }),
    );
    assert.deepEqual([job.exitCode, job.leftovers[0]?.command], [3, 'sleep 74']);
    const [left] = job.leftovers;
    assert.match(readFileSync(`/proc/${left!.pid}/environ`, 'utf8'), new RegExp(`BGJOBS_RUN_ID=${job.id}`));
    assert.equal((await test.engine.killJob(job.id)).leftoversEnded, 1);
  });

  it('is lost when its holder is killed, and what is left of it can be ended', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('trap "" HUP; echo up; sleep 75', { tty: true });
    const holder = Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${job.pid}/status`, 'utf8'))![1]);
    assert.equal(readlinkSync(`/proc/${holder}/exe`), readlinkSync('/proc/self/exe'));
    process.kill(holder, 'SIGKILL');
    assert.equal((await test.ended(job)).status, 'lost');
    await test.engine.killJob(job.id);
    assert.deepEqual(processesWith(test.home), []);
  });

  it('is refused before anything is stored, with what cannot go with it', async () => {
    await using test = await EngineFixture.open();
    const refused = async (request: object, text: RegExp): Promise<void> =>
      assert.rejects(test.start({ tty: true, ...request }), failure('invalid_request', text));
    await refused({ stdin: { type: 'text', text: 'x' } }, /what is typed/);
    await refused({ argv: undefined, codingAgent: { name: 'claude', prompt: 'x' } }, /coding agent/);
    await assert.rejects(
      test.start({ terminalSize: { columns: 1, rows: 1 } }),
      failure('invalid_request', /terminalSize/),
    );
    assert.deepEqual((await test.engine.listJobs({})).jobs, []);
  });
});
