import assert from 'node:assert/strict';
import { appendFileSync, rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { until } from '../../helpers/until.ts';
import { stateOf } from '../../helpers/engine/processes.ts';
import { RunnerFixture, supervisions, type Ran } from '../../helpers/engine/runnerFixture.ts';

for (const supervision of supervisions) {
  describe(`the supervisor ${supervision.name}`, () => {
    it('survives what is sent to its group and records what that did to the command', async () => {
      await using test = new RunnerFixture(supervision);
      const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;
      const ends = signals.map(async (signal) => {
        const ran = await up(test, 'ulimit -c 0; echo up; exec sleep 60');
        process.kill(-ran.process.supervisor.pid, signal);
        return exitOf(ran);
      });
      assert.deepEqual(
        await Promise.all(ends),
        signals.map((signal) => ({ exitCode: null, signal })),
      );
    });

    it('records the code of a command that handles the signal', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await up(test, 'trap "exit 9" TERM; echo up; while :; do sleep 0.05; done');
      process.kill(-ran.process.supervisor.pid, 'SIGTERM');
      assert.deepEqual(await exitOf(ran), { exitCode: 9, signal: null });
    });

    it('that is killed leaves the end unknown', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await up(test, 'echo up; exec sleep 60');
      process.kill(ran.process.supervisor.pid, 'SIGKILL');
      assert.equal(await ran.process.exited, null);
      assert.equal(test.runner.recordedExit(ran.plan.directory), undefined);
    });

    it('is adopted: its record is seen, whoever started it', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await up(test, 'echo up; read line; exit 6');
      ran.process.dispose();
      const adopted = test.runner.adopt(ran.plan, ran.process.supervisor);
      await adopted.input!.write('\n');
      assert.equal((await adopted.exited)?.exitCode, 6);
      // A second adoption finds the record that is there.
      const late = test.runner.adopt(ran.plan, ran.process.supervisor);
      assert.equal((await late.exited)?.exitCode, 6);
    });
  });
}

describe('an adopted run', () => {
  it('is lost when its supervisor is killed', async () => {
    await using test = new RunnerFixture({ name: 'dash' });
    const ran = await up(test, 'echo up; exec sleep 60');
    ran.process.dispose();
    const adopted = test.runner.adopt(ran.plan, ran.process.supervisor);
    process.kill(ran.process.supervisor.pid, 'SIGKILL');
    assert.equal(await adopted.exited, null);
  });

  it('can be waited for though its folder was removed', async () => {
    await using test = new RunnerFixture({ name: 'dash' });
    const ran = await up(test, 'echo up; read line');
    ran.process.dispose();
    const pid = ran.process.supervisor.pid;
    rmSync(ran.plan.directory, { recursive: true });
    const adopted = test.runner.adopt(ran.plan, ran.process.supervisor);
    process.kill(pid, 'SIGKILL');
    assert.equal(await adopted.exited, null);
    assert.equal(stateOf(pid), undefined);
  });

  it('does not wake anybody up by what it writes', async () => {
    await using test = new RunnerFixture({ name: 'dash' });
    const ran = await up(test, 'echo up; read line; exit 6');
    ran.process.dispose();
    let looks = 0;
    const isAlive = test.table.isAlive.bind(test.table);
    test.table.isAlive = (identity) => {
      looks++;
      return isAlive(identity);
    };
    const adopted = test.runner.adopt(ran.plan, ran.process.supervisor);
    const before = looks;
    for (let line = 0; line < 500; line++) {
      appendFileSync(`${ran.plan.directory}/stdout.log`, 'more\n');
      await setImmediate();
    }
    await adopted.input!.write('\n');
    assert.equal((await adopted.exited)?.exitCode, 6);
    assert.ok(looks - before < 50, `${looks - before} looks`);
  });
});

async function up(test: RunnerFixture, script: string): Promise<Ran> {
  const ran = await test.sh(script, { stdin: { type: 'pipe' } });
  await until('the command says up', () => (ran.stdout().toString() === 'up\n' ? true : undefined));
  return ran;
}

async function exitOf(ran: Ran): Promise<object> {
  const { at, ...exit } = (await ran.process.exited)!;
  return exit;
}
