import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { until } from '../../helpers/until.ts';
import { childrenOf, commandLineOf } from '../../helpers/engine/processes.ts';
import { RunnerFixture, supervisions, type Ran } from '../../helpers/engine/runnerFixture.ts';

const PATH = process.env['PATH'];

for (const supervision of supervisions) {
  describe(`what a command inherits under ${supervision.name}`, () => {
    it('is the base, the additions, the marks, and nothing of the editor or the host', async () => {
      await using test = new RunnerFixture(supervision);
      const base = {
        PATH,
        HOME: '/nowhere',
        KEPT: ' with\nnewline and = and ü ',
        EMPTY: '',
        REPLACED: 'before',
        ELECTRON_RUN_AS_NODE: '1',
        VSCODE_PID: '1',
        VSCODE_IPC_HOOK_CLI: '/x',
        BGJOBS_RUN_ID: 'another.1',
        BGJOBS_JOB_ID: 'another',
        BGJOBS_HOLDER: '1',
      };
      const env = { HOME: null, MISSING: null, REPLACED: 'after', ADDED: "'$x'\n" };
      const ran = await test.start({ argv: ['env', '-0'], env, session: 'my session' }, base);
      assert.equal((await ran.process.exited)?.exitCode, 0);
      // The shell adds the folder; bash, which is taken for unusual names alone, its level; Node what measures coverage.
      const { PWD, SHLVL, _, NODE_V8_COVERAGE, ...found } = variables(ran);
      assert.deepEqual(found, {
        PATH,
        KEPT: base.KEPT,
        EMPTY: '',
        REPLACED: 'after',
        ADDED: env.ADDED,
        ...supervision.env,
        BGJOBS_RUN_ID: ran.plan.runId,
        BGJOBS_JOB_ID: ran.plan.jobId,
        BGJOBS_SESSION: 'my session',
      });
    });

    it('has variables whose names are no shell names', async () => {
      await using test = new RunnerFixture(supervision);
      const env = { 'a.b-c d': 'odd', 'BASH_FUNC_echo%%': '() {  exit 3; }', ü: 'ä' };
      const ran = await test.start({ argv: ['env', '-0'], env });
      assert.deepEqual(await exitOf(ran), { exitCode: 0, signal: null });
      const found = variables(ran);
      for (const [name, value] of Object.entries(env)) assert.equal(found[name], value, name);
    });

    it('has no signal ignored or blocked, with live input neither', async () => {
      await using test = new RunnerFixture(supervision);
      for (const type of ['none', 'pipe'] as const) {
        const argv = ['grep', '-E', '^Sig(Ign|Blk)', '/proc/self/status'];
        const found = (await test.output({ argv, stdin: { type } })).toString();
        assert.deepEqual(found.match(/\d+/g), ['0000000000000000', '0000000000000000'], type);
      }
    });

    it('has no descriptor of ours', async () => {
      await using test = new RunnerFixture(supervision);
      // The three, the folder that ls reads, and what whoever started this process had left open.
      const usual = execFileSync('ls', ['/proc/self/fd']).toString();
      // Node reads these in a thread, and what starts at that moment has the file open.
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
      for (const type of ['none', 'pipe'] as const) {
        assert.equal((await test.output({ argv: ['ls', '/proc/self/fd'], stdin: { type } }, env)).toString(), usual);
      }
    });

    it('has the folder, its own session, and the logs as its streams', async () => {
      await using test = new RunnerFixture(supervision);
      const { process: run, plan } = await test.start({ argv: ['sleep', '60'] });
      const pid = await until('the command runs', () =>
        childrenOf(run.supervisor.pid).find((child) => commandLineOf(child) === 'sleep 60'),
      );
      assert.equal(readlinkSync(`/proc/${pid}/cwd`), test.folder);
      const streams = [0, 1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      assert.deepEqual(streams, ['/dev/null', `${plan.directory}/stdout.log`, `${plan.directory}/stderr.log`]);
      const [, , , group, session] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').map(Number);
      assert.deepEqual([group, session], [run.supervisor.pid, run.supervisor.pid]);
    });
  });
}

function variables(ran: Ran): Record<string, string> {
  const lines = ran.stdout().toString().split('\0').slice(0, -1);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

async function exitOf(ran: Ran): Promise<unknown> {
  const { at, ...exit } = (await ran.process.exited)!;
  return exit;
}
