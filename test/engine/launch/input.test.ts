import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StdinOption } from '../../../src/api/options.ts';
import { until } from '../../helpers/until.ts';
import { childrenOf, commandLineOf, isHolder, stateOf } from '../../helpers/engine/processes.ts';
import { RunnerFixture, supervisions, type Ran } from '../../helpers/engine/runnerFixture.ts';

const pipe: StdinOption = { type: 'pipe' };
const isClosed = { code: 'invalid_state' };

for (const supervision of supervisions) {
  describe(`the standard input under ${supervision.name}`, () => {
    it('is empty, a text or a file', async () => {
      await using test = new RunnerFixture(supervision);
      const path = join(test.folder, 'given');
      const bytes = randomBytes(100_000);
      writeFileSync(path, bytes);
      const text = 'ü\0\n no newline at the end';
      assert.equal((await test.output({ argv: ['cat'] })).length, 0);
      assert.equal((await test.output({ argv: ['cat'], stdin: { type: 'text', text } })).toString(), text);
      assert.deepEqual(await test.output({ argv: ['cat'], stdin: { type: 'file', path } }), bytes);
    });

    it('takes 1 MiB and more while the command runs, and its end', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await reading(test, 'echo up; exec cat');
      const text = randomBytes(400_000).toString('base64');
      for (const part of [text, 'ü\n', text]) await ran.process.input!.write(part);
      await until('all of it has come back', () => (ran.stdout().length === 2 * text.length + 6 ? true : undefined));
      assert.equal(ran.stdout().toString(), `up\n${text}ü\n${text}`);
      assert.notEqual(stateOf(ran.process.supervisor.pid), undefined, 'it ended without an end of its input');
      await ran.process.input!.end();
      assert.deepEqual(await exitOf(ran), { exitCode: 0, signal: null });
    });

    it('can be ended at once, and takes nothing then', async () => {
      await using test = new RunnerFixture(supervision);
      for (let turn = 0; turn < (supervision.node ? 2 : 20); turn++) {
        const ran = await started(test, 'cat; exit 137');
        await ran.process.input!.end();
        await assert.rejects(ran.process.input!.write('late'), isClosed);
        // Not taken for SIGKILL, though that is what has ended the holder of the pipe.
        assert.deepEqual(await exitOf(ran), { exitCode: 137, signal: null });
      }
    });

    it('says so when the command has ended', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await reading(test, 'echo up; read line; exit 4');
      await ran.process.input!.write('go\n');
      assert.deepEqual(await exitOf(ran), { exitCode: 4, signal: null });
      await assert.rejects(ran.process.input!.write('more'), isClosed);
    });

    it('does not depend on the PATH of the job', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await test.sh('/bin/cat', { stdin: pipe, env: { PATH: '/nowhere' } });
      await until('the command runs', () => mainOf(ran));
      await ran.process.input!.write('through');
      await ran.process.input!.end();
      await ran.process.exited;
      assert.equal(ran.stdout().toString(), 'through');
    });

    it('of an adopted run is taken over', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await reading(test, 'echo up; exec cat');
      await ran.process.input!.write('one ');
      ran.process.dispose();
      const adopted = test.runner.adopt(ran.plan, ran.process.supervisor);
      await adopted.input!.write('two');
      await adopted.input!.end();
      assert.equal((await adopted.exited)?.exitCode, 0);
      assert.equal(ran.stdout().toString(), 'up\none two');
    });

    it('leaves no helper behind when the command ends', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await reading(test, 'echo up; read line');
      const helpers = childrenOf(ran.process.supervisor.pid).filter(isHolder);
      assert.equal(helpers.length, supervision.node ? 0 : 1);
      await ran.process.input!.write('\n');
      await ran.process.exited;
      for (const pid of helpers) assert.equal(stateOf(pid), undefined);
    });
  });
}

/** Only a shell's supervisor hands the pipe to the command itself: between Node and the command there is another one. */
for (const supervision of supervisions.filter(({ node }) => !node)) {
  describe(`the standard input under ${supervision.name}, a named pipe,`, () => {
    it('tells whoever writes that the command has closed it', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await reading(test, 'exec <&-; echo up; exec sleep 60');
      await assert.rejects(ran.process.input!.write('nobody reads this'), isClosed);
    });

    it('holds a writer back until the command reads', async () => {
      await using test = new RunnerFixture(supervision);
      const ran = await reading(test, 'echo up; kill -STOP $$; exec wc -c');
      let taken = false;
      const writing = ran.process.input!.write('x'.repeat(1_000_000)).then(() => (taken = true));
      const pid = mainOf(ran)!;
      await until('the command is stopped', () => (stateOf(pid) === 'T' ? true : undefined));
      assert.equal(taken, false);
      process.kill(pid, 'SIGCONT');
      await writing;
      await ran.process.input!.end();
      await ran.process.exited;
      assert.equal(ran.stdout().toString().trim(), 'up\n1000000');
    });
  });
}

/** The command runs. */
async function started(test: RunnerFixture, script: string): Promise<Ran> {
  const ran = await test.sh(script, { stdin: pipe });
  await until('the command runs', () => mainOf(ran));
  return ran;
}

/** The command runs, and has said so. */
async function reading(test: RunnerFixture, script: string): Promise<Ran> {
  const ran = await test.sh(script, { stdin: pipe });
  await until('the command says up', () => (ran.stdout().toString().startsWith('up\n') ? true : undefined));
  return ran;
}

function mainOf({ process: run }: Ran): number | undefined {
  return childrenOf(run.supervisor.pid).find((pid) => !isHolder(pid) && commandLineOf(pid).startsWith('/bin/sh -c'));
}

async function exitOf(ran: Ran): Promise<object> {
  const { at, ...exit } = (await ran.process.exited)!;
  return exit;
}
