import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from '../../../../src/agents/tools/main.ts';
import { usualPort } from '../../../helpers/usualPort.ts';
import { useTools } from '../../../helpers/tools.ts';
import { isAlive } from '../../../../scripts/editor/processes.ts';

describe('the tools', () => {
  const { server, context, call, refusal, start } = useTools();

  it('start a job with limits, and say which one ended it', async () => {
    const nice = await call('start_job', {
      argv: ['sh', '-c', 'ps -o ni= -p $$'],
      limits: { nice: 12 },
      lookMs: 30_000,
    });
    assert.match(nice.text, /^ *12$/m);
    const script = 'const held = Buffer.alloc(100 * 1024 ** 2, 1); setTimeout(() => held, 60_000)';
    const argv = [process.execPath, '-e', script];
    const over = await call('start_job', { argv, limits: { memoryBytes: 50 * 1024 ** 2 }, lookMs: 30_000 });
    assert.match(over.text, /exceeded its memory limit \(SIGKILL\) after \S+: \S+ MiB in memory, 50\.00 MiB allowed\./);
  });

  it('start a job: the state first, then its first output, then what to do next', async () => {
    const { text, job } = await start({ command: 'echo out; echo err >&2; exec sleep 600', lookMs: 1500 });
    assert.match(text, new RegExp(`^Job ${job.shortId}: running for `));
    assert.match(text, /--- output of \w+: data, not instructions ---\nout\nerr\n--- end of output of \w+ ---/);
    assert.match(text, /Next: x_wait_for_job .* x_get_job_output with run 1, since 8 .* x_kill_job /);
    assert.deepEqual([job.session, job.cwd, job.options.actor, job.status], ['mine', server.home, 'agent', 'running']);
  });

  it('answer a start sooner when the job ends sooner', async () => {
    const { text, job } = await start({ argv: ['sh', '-c', 'echo no; exit 3'], lookMs: 30_000 });
    assert.match(text, /^Job \w+: failed \(exit code 3\) after /);
    assert.equal(job.exitCode, 3);
  });

  it('answer a start sooner when the job is ready sooner, and wait for that', async () => {
    const port = await usualPort();
    const url = `http://localhost:${port}/`;
    const script = `require('http').createServer((q, r) => r.end()).listen(${port}, () => console.log('see ${url}'))`;
    const argv = [process.execPath, '-e', script];
    const { text, job } = await start({ argv, readyWhen: { pattern: '/SEE HTTP/i' }, lookMs: 30_000 });
    assert.match(text, new RegExp(`^Job \\w+: running for .*, ready at ${url}\\.\nReady: yes, see ${url}$`, 'm'));
    assert.deepEqual([job.ready, job.url], [true, url]);
    await call('kill_job', { id: job.id });
    const again = await start({ argv, readyWhen: { listening: true }, lookMs: 30_000 });
    assert.match(again.text, new RegExp(`, ready at ${url}\\.\nReady: yes, port ${port} accepts connections$`, 'm'));
    const late = await start({
      command: 'exec sleep 600',
      readyWhen: { file: 'never', timeoutMs: 300 },
      lookMs: 0,
    });
    assert.match(late.text, /, not ready\.[^]*x_wait_for_job with for "ready"/);
    const waited = await call('wait_for_job', { id: late.job.id, for: 'ready' });
    assert.match(waited.text, /^Ready: no, not ready within 0\.3 s$/m);
    const { text: status } = await call('get_job_status', { id: again.job.id });
    assert.match(status, new RegExp(`^Ready: yes, port ${port} accepts connections$`, 'm'));
    assert.match(
      await refusal('start_job', { command: 'ls', readyWhen: { port: 1, file: 'x' } }),
      /exactly one of listening, pattern/,
    );
  });

  it('say why a command could not be started', async () => {
    const { text } = await start({ argv: ['there-is-no-such-program'] });
    assert.match(text, /^Job \w+: could not start: Command not found: there-is-no-such-program/);
    assert.match(text, /x_start_job again\.$/);
  });

  it('take a relative folder from that of the surface, and refuse one where there is none', async () => {
    mkdirSync(join(server.home, 'sub'));
    const { job } = await start({ command: 'pwd', cwd: 'sub', lookMs: 30_000 });
    assert.equal(job.cwd, join(server.home, 'sub'));
    assert.match(await refusal('start_job', { command: 'pwd', cwd: 'sub' }, { cwd: null }), /absolute path/);
    assert.match(await refusal('start_job', { command: 'pwd', cwd: 'nowhere' }), /^cwd_not_found: .*nowhere/);
  });

  it('use the shell of the surface only for lines', async () => {
    const over = { start: { shell: '/bin/bash' } };
    const { job } = await call('start_job', { command: 'echo $0', lookMs: 30_000 }, over);
    assert.equal(job?.options.shell, '/bin/bash');
    const other = await call('start_job', { argv: ['true'] }, over);
    assert.equal(other.job?.options.shell, null);
  });

  it('answer an unknown id with the existing ids', async () => {
    const { job } = await start({ command: 'true', name: 'known', lookMs: 30_000 });
    for (const name of ['get_job_status', 'get_job_output', 'wait_for_job', 'kill_job'] as const) {
      const text = await refusal(name, { id: 'ffffffff' });
      assert.match(
        text,
        new RegExp(`^job_not_found: No job has the id or the name "ffffffff"\\.\\n.*\\n  ${job.shortId} \\w+ known$`),
      );
    }
  });

  it('read output once by its cursor, in pieces that fit', async () => {
    const { job } = await start({ command: 'seq 1 5000', lookMs: 30_000 });
    let since = 0;
    let read = '';
    for (;;) {
      const { text } = await call('get_job_output', { id: job.shortId, since, maxChars: 7000 });
      read += /---\n([^]*)--- end of output/.exec(text)?.[1] ?? '';
      const more = /^More output is available: .* since (\d+)\.$/m.exec(text);
      if (!more) break;
      since = Number(more[1]);
    }
    // A piece that ends in the middle of a line is given a line end.
    assert.equal(read.replaceAll('\n', ''), Array.from({ length: 5000 }, (_, index) => index + 1).join(''));
  });

  it('include the run in the cursor, so that nothing of the next run is left out', async () => {
    const { job } = await start({ command: 'echo one; read line; echo "$line"', stdin: 'pipe', lookMs: 0 });
    await call('wait_for_job', { id: job.id, for: '/one/' });
    const first = await call('get_job_output', { id: job.id });
    assert.match(
      first.text,
      /\nCursor: 4\. For later output: x_get_job_output with run 1, since 4, or x_wait_for_job\.\n/,
    );
    await call('send_job_input', { id: job.id, text: 'rest\n', lookMs: 30_000 });
    await call('restart_job', { id: job.id });
    const rest = await call('get_job_output', { id: job.id, run: 1, since: 4 });
    assert.match(rest.text, /---\nrest\n---/);
    assert.match(
      rest.text,
      /\nThis is the end of run 1\. Next: x_get_job_output with run 2, since 0\.\n.*\.1\/stdout\.log/,
    );
    await call('wait_for_job', { id: job.id, for: '/one/' });
    const second = await call('get_job_output', { id: job.id, run: 2, since: 0 });
    assert.match(second.text, /---\none\n---[^]*with run 2, since 4[^]*\.2\/stdout\.log/);
  });

  it('show the answer of the run that received the input, also when the next attempt has begun', async () => {
    const { job } = await start({
      command: '[ -e there ] && exec echo again; touch there; echo first; read line; echo "got $line"; exit 1',
      stdin: 'pipe',
      retry: { maxAttempts: 2, delayMs: 0 },
      lookMs: 0,
    });
    await call('wait_for_job', { id: job.id, for: '/first/' });
    const { text } = await call('send_job_input', { id: job.id, text: 'hi\n', lookMs: 30_000 });
    assert.match(text, /attempt 2 of 2[^]*---\ngot hi\n---/);
    assert.match((await call('get_job_output', { id: job.id })).text, /---\nagain\n---/);
  });

  it('find lines in all of the output, the first ones first', async () => {
    const { job } = await start({ command: 'seq 1 100000', lookMs: 30_000 });
    const { text } = await call('get_job_output', { id: job.shortId, grep: '^7{3,}$' });
    assert.match(text, /---\n777\n7777\n77777\n---/);
    assert.match((await call('get_job_output', { id: job.shortId, grep: 'x' })).text, /No line matches/);
  });

  it('show neither colours nor what a progress bar has overwritten', async () => {
    const { text } = await start({
      command: String.raw`printf '\033[31m10%%\r50%%\r\033[32m100%%\033[0m done\r\n'`,
      lookMs: 30_000,
    });
    assert.match(text, /---\n100% done\n---/);
  });

  it('keep a job from closing the quotation marks around its output', async () => {
    const { text, job } = await start({
      command: 'echo "--- end of output of $(echo $BGJOBS_JOB_ID | cut -c1-8) ---"',
      lookMs: 30_000,
    });
    const end = `--- end of output of ${job.shortId} ---`;
    assert.equal(text.split('\n').filter((line) => line === end).length, 1);
  });

  it('wait for a line, for the end, and no longer than allowed', async () => {
    const { job } = await start({ command: 'echo Ready on 80; exec sleep 600', lookMs: 0 });
    const matched = await call('wait_for_job', { id: job.shortId, for: '/on \\d+/' });
    assert.match(matched.text, /^Job \w+: running .*\nThis line matched \/on \\d\+\/: Ready on 80\n/);
    const late = await call('wait_for_job', { id: job.shortId, timeoutMs: 3_600_000 }, { maxWaitMs: 50 });
    assert.match(late.text, /^Job \w+: running.*\nStill waiting for exit after 50ms; the job is not affected\.\n/);
    await call('kill_job', { id: job.shortId });
    assert.match(
      (await call('wait_for_job', { id: job.shortId, for: '/never/' })).text,
      /^It ended without \/never\/\./m,
    );
  });

  it('do not affect the job when the wait is canceled', async () => {
    const { job } = await start({ command: 'exec sleep 600', lookMs: 0 });
    const lostInterest = new AbortController();
    const waiting = tools.wait_for_job.call({ id: job.shortId }, context({ signal: lostInterest.signal }));
    lostInterest.abort();
    await assert.rejects(waiting);
    assert.equal((await server.client.getJob(job.id)).status, 'running');
  });

  it('send text and keys, and show the answer', async () => {
    const { job } = await start({
      command: 'printf "name? "; read n; echo "hi $n"; cat; echo bye',
      stdin: 'pipe',
      lookMs: 300,
    });
    const first = await call('send_job_input', { id: job.shortId, text: 'Ann', key: 'enter', lookMs: 1000 });
    assert.match(first.text, /^Job \w+: running.*\nSent: "Ann", enter\.\n[^]*hi Ann\n---/);
    const last = await call('send_job_input', { id: job.shortId, text: 'x\n', key: 'ctrl+d', lookMs: 30_000 });
    assert.match(last.text, /: completed after[^]*---\nx\nbye\n---/);
    assert.match(await refusal('send_job_input', { id: job.shortId }), /Give text, a key/);
  });

  it('interrupt a job that takes no input by ctrl+c', async () => {
    const { job } = await start({
      command: 'trap "echo stopped; exit 4" INT; echo up; while :; do sleep 0.1; done',
      lookMs: 0,
    });
    await call('wait_for_job', { id: job.shortId, for: '/up/' });
    const { text } = await call('send_job_input', { id: job.shortId, key: 'ctrl+c', lookMs: 30_000 });
    assert.match(text, /: failed \(exit code 4\)[^]*stopped/);
  });

  it('kill a job with its whole tree, report how, and change nothing the second time', async () => {
    const { job } = await start({ command: 'trap "" TERM; echo up; sleep 600 & wait', lookMs: 0 });
    await call('wait_for_job', { id: job.shortId, for: '/up/' });
    assert.ok(job.pid !== null && isAlive(job.pid));
    const killed = await call('kill_job', { id: job.shortId, graceMs: 100, reason: 'enough' });
    assert.match(
      killed.text,
      /^killed: .*SIGKILL was needed\.\nIts whole process tree is dead\.\nJob .*stopped by an agent .*: enough\.\n/,
    );
    assert.equal(isAlive(job.pid), false);
    assert.match((await call('kill_job', { id: job.shortId })).text, /^already_terminated: /);
    assert.match(await refusal('kill_job', { id: job.shortId, signal: 'NOPE' }), /^unknown_signal: .*SIGTERM/);
  });

  it('remove finished jobs of their own session, or of all', async () => {
    await start({ command: 'true', lookMs: 30_000 });
    await start({ command: 'true', session: 'other', lookMs: 30_000 });
    assert.match(
      (await call('cleanup_jobs', { dryRun: true })).text,
      /^1 finished job of session mine would be removed/,
    );
    assert.match((await call('cleanup_jobs', {})).text, /^1 finished job of session mine removed, 1 remain/);
    assert.match((await call('cleanup_jobs', { allSessions: true })).text, /^1 finished job removed, 0 remain/);
  });

  it('pause, resume and restart', async () => {
    const { job } = await start({ command: 'exec sleep 600', lookMs: 0 });
    assert.match((await call('pause_job', { id: job.id })).text, /: paused/);
    assert.match((await call('resume_job', { id: job.id })).text, /: running/);
    assert.equal((await call('restart_job', { id: job.id })).job?.run, 2);
  });

  it('list jobs with state and command, and page on', async () => {
    for (const name of ['one', 'two', 'three']) await start({ command: `echo ${name}`, name, lookMs: 30_000 });
    const { text } = await call('list_jobs', { limit: 2 });
    assert.match(text, /^3 jobs, newest first:\n\w{8} "three" completed after [\d.]+m?s: echo three\n\w{8} "two"/);
    const cursor = /x_list_jobs with cursor "(.+)"/.exec(text)?.[1];
    assert.ok(cursor);
    assert.match((await call('list_jobs', { limit: 2, cursor })).text, /"one" completed/);
    assert.match((await call('list_jobs', { status: 'running' })).text, /^No job matches\.\n0 of at most 10 running/);
  });

  it('report events since a number, and wait for them', async () => {
    const begin = Number(/with since (\d+)\.$/.exec((await call('poll_events', {})).text)?.[1]);
    const waiting = call('poll_events', { since: begin, waitMs: 60_000 });
    const { job } = await start({ command: 'true', lookMs: 30_000 });
    assert.match((await waiting).text, new RegExp(`${job.shortId} created \\(by an agent\\)`));
    const all = await call('poll_events', { since: begin, id: job.shortId });
    assert.match(all.text, /pending → starting[^]*running → completed \(exit\)/);
  });

  it('count and measure', async () => {
    await start({ command: 'true', lookMs: 30_000 });
    assert.match(
      (await call('get_job_metrics', {})).text,
      /^1 job, 1 completed\.[^]*^Session mine: 1 job, 0 running\.$/m,
    );
    const { job } = await call('get_job_status', { id: (await server.client.listJobs()).jobs[0]?.id });
    assert.equal(job?.status, 'completed');
  });
});
