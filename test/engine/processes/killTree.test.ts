import assert from 'node:assert/strict';
import { createProcessTable } from '../../../src/processes/platform.ts';
import type { ProcessTable } from '../../../src/processes/runTree.ts';
import { killTree } from '../../../src/processes/killTree.ts';
import { SupervisedRun, signalIfThere, until, type SupervisedOptions } from '../../helpers/engine/supervisedRun.ts';

const table = createProcessTable();
const polite = { signal: 'SIGTERM', graceMs: 30_000 } as const;

describe('killTree', () => {
  it('reports that SIGKILL was needed', async () => {
    await using run = await sleeping('trap "" TERM; SLEEP & wait');
    const outcome = await killTree(table, run.target, { signal: 'SIGTERM', graceMs: 100 });
    assert.equal(outcome.escalated, true);
    assert.equal(outcome.ended, 2);
    assert.ok(outcome.durationMs >= 100);
  });

  it('does not call it an escalation when SIGKILL was asked for', async () => {
    await using run = await sleeping('SLEEP');
    const outcome = await killTree(table, run.target, { signal: 'SIGKILL', graceMs: 0 });
    assert.equal(outcome.escalated, false);
    assert.equal(run.exit, 137);
  });

  it('kills at once after the signal when the grace time is nothing', async () => {
    await using run = await sleeping('trap "" TERM; SLEEP & wait');
    assert.equal((await killTree(table, run.target, { signal: 'SIGTERM', graceMs: 0 })).escalated, true);
    assert.deepEqual(run.alive(), []);
  });

  it('delivers the signal that was chosen', async () => {
    await using run = await sleeping('trap "exit 33" HUP; SLEEP & wait');
    await killTree(table, run.target, { signal: 'SIGHUP', graceMs: 30_000 });
    assert.equal(run.exit, 33);
  });

  it('delivers it once to each, so that a second one does not cut the clean-up short', async () => {
    await using run = await sleeping('trap "echo got it" TERM; SLEEP & wait; wait; exec sleep 3000000000');
    const stop = killTree(table, run.target, { signal: 'SIGTERM', graceMs: 300 });
    assert.equal((await stop).escalated, true);
    assert.equal(run.stdout, 'got it\n');
  });

  it('lets a clean-up that the signal started come to its end', async () => {
    await using run = await sleeping('trap "sleep 0.2; echo clean; exit 5" TERM; SLEEP & wait');
    const outcome = await killTree(table, run.target, polite);
    assert.deepEqual([run.stdout, run.exit, outcome.escalated], ['clean\n', 5, false]);
  });

  it('continues who is stopped after it was signalled, so that it can end', async () => {
    await using run = await sleeping('trap "kill -STOP $$; exit 6" TERM; SLEEP & wait');
    const outcome = await killTree(table, run.target, polite);
    assert.deepEqual([run.exit, outcome.escalated], [6, false]);
  });

  it('continues a supervisor that somebody has stopped, so that it records the end', async () => {
    await using run = await sleeping('SLEEP');
    process.kill(run.pid, 'SIGSTOP');
    await killTree(table, run.target, { signal: 'SIGKILL', graceMs: 0 });
    assert.deepEqual([run.alive(), run.exit], [[], 137]);
  });

  it('leaves the holder to the supervisor', async () => {
    await using run = await sleeping('SLEEP', { holder: true });
    const outcome = await killTree(table, run.target, polite);
    assert.deepEqual([run.alive(), run.exit, outcome.ended], [[], 143, 2]);
  });

  it('ends command and holder when the supervisor is gone, without waiting for the holder', async () => {
    await using run = await sleeping('SLEEP', { holder: true });
    process.kill(run.pid, 'SIGKILL');
    await until(() => !table.isAlive(run.target.supervisor!));
    const outcome = await killTree(table, run.target, polite);
    assert.deepEqual([run.alive(), outcome.escalated, outcome.ended], [[], false, 2]);
  });

  it('kills a supervisor that does not end after its command', async () => {
    await using run = await sleeping('SLEEP', { stuck: true });
    const outcome = await killTree(table, run.target, polite);
    assert.deepEqual([outcome.survivors, run.alive()], [[], []]);
  });

  it('tells who survives because the system does not let us, and does not wait for it', async () => {
    await using run = await sleeping('SLEEP & SLEEP; :', {}, 2);
    const [foreign] = run.sleepers();
    const denying: ProcessTable = {
      ...table,
      signal: (entry, signal) => (entry.pid === foreign!.pid ? 'denied' : table.signal(entry, signal)),
      signalGroup: () => 'gone',
    };
    const outcome = await killTree(denying, run.target, polite);
    assert.deepEqual(outcome.survivors, [{ pid: foreign!.pid, command: foreign!.command }]);
    assert.deepEqual([outcome.escalated, outcome.ended], [false, 2]);
    assert.deepEqual(
      run.alive().map(({ pid }) => pid),
      [foreign!.pid],
    );
  });

  it('keeps the supervisor for a command that is not ours to kill', async () => {
    await using run = await sleeping('exec SLEEP');
    const denying: ProcessTable = { ...table, signal: () => 'denied', signalGroup: () => 'denied' };
    const outcome = await killTree(denying, run.target, polite);
    assert.deepEqual(
      outcome.survivors.map(({ pid }) => pid),
      run.sleepers().map(({ pid }) => pid),
    );
    assert.ok(table.isAlive(run.target.supervisor!));
  });

  it('signals nobody when the start time or the boot is another', async () => {
    await using run = await sleeping('SLEEP');
    const before = run.alive();
    const supervisor = run.target.supervisor!;
    const earlier = { ...supervisor, startTime: String(Number(supervisor.startTime) - 1) };
    for (const other of [earlier, { ...supervisor, bootId: 'another' }]) {
      const target = { runId: 'another.1', supervisor: other, logs: [] };
      assert.equal((await killTree(table, target, { signal: 'SIGKILL', graceMs: 0 })).ended, 0);
    }
    assert.deepEqual(run.alive(), before);
  });

  it('finds nothing to do the second time', async () => {
    await using run = await sleeping('SLEEP');
    await killTree(table, run.target, polite);
    const { ended, escalated, survivors } = await killTree(table, run.target, polite);
    assert.deepEqual({ ended, escalated, survivors }, { ended: 0, escalated: false, survivors: [] });
  });

  it('can be overtaken by a stop with SIGKILL', async () => {
    await using run = await sleeping('trap "" TERM; SLEEP; exit $?');
    const waiting = killTree(table, run.target, polite);
    await killTree(table, run.target, { signal: 'SIGKILL', graceMs: 0 });
    assert.equal((await waiting).escalated, false);
    assert.deepEqual([run.alive(), run.exit], [[], 137]);
  });

  it('ends its waiting when it is aborted', async () => {
    await using run = await sleeping('trap "" TERM; SLEEP & wait');
    const abort = new AbortController();
    const stop = killTree(table, run.target, { ...polite, abort: abort.signal });
    abort.abort();
    await assert.rejects(stop, { name: 'AbortError' });
    assert.equal(run.sleepers().length, 1);
  });

  it('ends a run that has just been started, before its command or with it', async () => {
    await using run = await SupervisedRun.start(
      (seconds) => ['sleep', seconds],
      () => true,
    );
    await killTree(table, run.target, polite);
    assert.deepEqual(run.alive(), []);
  });

  it('ends a run whose supervisor the command has killed', async () => {
    await using run = await sleeping('kill -KILL $PPID; SLEEP');
    signalIfThere(run.pid, 'SIGKILL');
    await killTree(table, run.target, polite);
    assert.deepEqual(run.alive(), []);
  });
});

/** A shell command that is ready when so many sleep. */
function sleeping(script: string, options: SupervisedOptions = {}, count = 1): Promise<SupervisedRun> {
  return SupervisedRun.start(
    (seconds) => ['sh', '-c', script.replaceAll('SLEEP', `sleep ${seconds}`)],
    (run) => run.sleepers().length === count,
    options,
  );
}
