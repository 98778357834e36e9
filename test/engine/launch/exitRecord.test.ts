import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  exitRecordPath,
  parseExitRecord,
  prepareExitRecord,
  preventStart,
  readExitRecord,
  supervisorArguments,
} from '../../../src/engine/launch/supervisor.ts';
import { TemporaryFolder } from '../../helpers/engine/temporaryFolder.ts';
import { until } from '../../helpers/until.ts';
import { RunnerFixture, supervisions } from '../../helpers/engine/runnerFixture.ts';

const codes = [0, 1, 2, 126, 127, 128, 129, 130, 131, 137, 141, 143, 200, 255];
const signals = ['HUP', 'INT', 'QUIT', 'KILL', 'TERM', 'USR1', 'USR2', 'SEGV', 'PIPE', 'ABRT', 'ALRM'];

for (const supervision of supervisions) {
  describe(`the exit record of ${supervision.name}`, () => {
    // A shell keeps quiet about these two deaths, so that they cannot be told from the codes 130 and 141.
    const ambiguous: Record<number, string> = supervision.node ? {} : { 130: 'SIGINT', 141: 'SIGPIPE' };

    it('has the code that the command ended with', async () => {
      await using test = new RunnerFixture(supervision);
      const expected = codes.map((code) => {
        const signal = ambiguous[code] ?? null;
        return { code, exitCode: signal ? null : code, signal };
      });
      const found = codes.map(async (code) => ({ code, ...(await endOf(test, `exit ${code}`)) }));
      assert.deepEqual(await Promise.all(found), expected);
    });

    it('has the signal that ended the command', async () => {
      await using test = new RunnerFixture(supervision);
      const expected = signals.map((signal) => ({ exitCode: null, signal: `SIG${signal}` }));
      const found = signals.map((signal) => endOf(test, `ulimit -c 0; kill -${signal} $$; sleep 20`));
      assert.deepEqual(await Promise.all(found), expected);
    });

    it('is there for whoever did not start the run', async () => {
      await using test = new RunnerFixture(supervision);
      const { process, plan } = await test.sh('exit 42');
      await process.exited;
      const { at, ...exit } = test.runner.recordedExit(plan.directory)!;
      assert.deepEqual(exit, { exitCode: 42, signal: null });
      // A file has its time in fractions of a millisecond.
      assert.ok(at <= Date.now() + 1 && at > Date.now() - 60_000);
    });
  });
}

async function endOf(test: RunnerFixture, script: string): Promise<object> {
  const { at, ...exit } = (await (await test.sh(script)).process.exited)!;
  return exit;
}

describe('parseExitRecord', () => {
  const records: Record<string, ReturnType<typeof parseExitRecord>> = {
    'code 0\n': { exitCode: 0, signal: null },
    'code 137\n': { exitCode: 137, signal: null },
    'began\ncode 137\n': { exitCode: 137, signal: null },
    'began\nKilled\ncode 137\n': { exitCode: null, signal: 'SIGKILL' },
    'Killed\ncode 137\n': { exitCode: null, signal: 'SIGKILL' },
    'Segmentation fault (core dumped)\ncode 139\n': { exitCode: null, signal: 'SIGSEGV' },
    'bgjobs: line 2: 4711 Killed ( exec "$@" 2>&3 3>&- )\ncode 137\n': { exitCode: null, signal: 'SIGKILL' },
    'code 130\n': { exitCode: null, signal: 'SIGINT' },
    'code 141\n': { exitCode: null, signal: 'SIGPIPE' },
    'exit 130\n': { exitCode: 130, signal: null },
    'exit 3221225786\n': { exitCode: 3221225786, signal: null },
    'signal SIGTERM\n': { exitCode: null, signal: 'SIGTERM' },
    // A signal that has no name here.
    'Real-time signal 0\ncode 162\n': { exitCode: 162, signal: null },
  };
  for (const [text, expected] of Object.entries(records)) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseExitRecord(text), expected);
      assert.deepEqual(parseExitRecord(text.padEnd(64, '\n')), expected, 'with what it was prepared with behind it');
    });
  }

  it('waits for the whole of it', () => {
    for (const text of ['', '\n'.repeat(64), 'began\n', 'Killed\n', 'code', 'code ', 'signal', 'exit ', 'code -1\n']) {
      assert.equal(parseExitRecord(text), undefined, JSON.stringify(text));
    }
  });

  it('believes no code or signal that no supervisor writes', () => {
    for (const text of [
      'code 256\n',
      'code 999\n',
      'code 99999999999999999999\n',
      'exit 4294967296\n',
      'signal SIGX\n',
    ]) {
      assert.equal(parseExitRecord(text), undefined, JSON.stringify(text));
    }
  });
});

describe('readExitRecord', () => {
  it('finds nothing before there is one, and none where there is no file', () => {
    using folder = new TemporaryFolder();
    assert.equal(readExitRecord(folder.path), undefined);
    prepareExitRecord(folder.path);
    assert.equal(readExitRecord(folder.path), undefined);
    writeFileSync(exitRecordPath(folder.path), 'code 7\n', { flag: 'r+' });
    assert.equal(readExitRecord(folder.path)?.exitCode, 7);
  });

  it('waits for nobody when there is a named pipe in its place', () => {
    using folder = new TemporaryFolder();
    execFileSync('mkfifo', [exitRecordPath(folder.path)]);
    assert.equal(readExitRecord(folder.path), undefined);
  });
});

describe('preventStart', () => {
  it('prevents a run that has not begun, with a record or without, and can be repeated', () => {
    using folder = new TemporaryFolder();
    assert.equal(preventStart(folder.path), true);
    prepareExitRecord(folder.path);
    assert.deepEqual([preventStart(folder.path), preventStart(folder.path)], [true, true]);
    assert.equal(existsSync(exitRecordPath(folder.path)), false);
  });

  for (const shell of ['/bin/dash', '/bin/bash'].filter((path) => existsSync(path))) {
    for (const isPrevented of [false, true]) {
      it(`makes ${shell} wait, which then ${isPrevented ? 'leaves' : 'goes on'}`, async () => {
        using folder = new TemporaryFolder();
        prepareExitRecord(folder.path);
        const [path, ran] = [exitRecordPath(folder.path), join(folder.path, 'ran')];
        const record = openSync(path, 'r+');
        renameSync(path, `${path}.taken`);
        const args = supervisorArguments(['touch', ran], folder.path, 'none', '');
        const child = spawn(shell, args, { stdio: ['ignore', 'ignore', record, 2] });
        const ended = once(child, 'exit');
        await until(
          'it says that it begins',
          () => readFileSync(`${path}.taken`, 'utf8').startsWith('began') || undefined,
        );
        if (isPrevented) rmSync(`${path}.taken`);
        else assert.equal(preventStart(folder.path), false);
        const [code] = (await ended) as [number];
        assert.deepEqual([code, existsSync(ran)], isPrevented ? [1, false] : [0, true]);
        assert.equal(readExitRecord(folder.path)?.exitCode, isPrevented ? undefined : 0);
      });
    }
  }
});
