import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';
import { McpClient } from '../helpers/mcp.ts';
import { until } from '../helpers/until.ts';

/** What Codex hands on of its environment. */
const codex = (userHome: string): Record<string, string> => ({
  HOME: userHome,
  LANG: 'C.UTF-8',
  PATH: process.env['PATH'] ?? '',
  SHELL: '/bin/sh',
  TERM: 'dumb',
  TMPDIR: '/tmp',
});

describe('bgjobs mcp, for an agent that hands on almost no environment', () => {
  const home = useHome();
  let userHome: string;

  before(() => {
    userHome = join(home.path, 'user');
    mkdirSync(userHome);
    const profile = `echo welcome\nexport BGJOBS_HOME='${home.path}' GREETING='a "b"' TERM=other\n`;
    writeFileSync(join(userHome, '.profile'), profile);
  });

  it("gives its jobs the environment of the user's login shell, in the user's store, and says so", async () => {
    await using agent = await McpClient.stdio({ path: home.path, env: codex(userHome) }, 'modern');
    await agent.call('start_job', { command: 'echo "$GREETING, $TERM"; env | grep RESOLVING', cwd: home.path });
    const job = await until('the job is in the store of the user', async () => {
      const { jobs } = await home.json<{ jobs: Job[] }>(['list']);
      return jobs[0];
    });
    assert.equal(job.options.inheritEnvFrom, 'loginShell');
    await home.ended(job.id);
    // What the agent did hand on is not replaced.
    assert.equal((await home.bgjobs(['output', job.id])).stdout, 'a "b", dumb\n');
    assert.match((await home.bgjobs(['status', job.id])).stdout, /Environment from +the login shell/);
  });

  it('leaves the environment of other agents as it is, but for what is theirs alone', async () => {
    const env = { ...codex(userHome), BGJOBS_HOME: home.path, EDITOR: 'ed', CLAUDECODE: '1', ANTHROPIC_API_KEY: 'key' };
    await using agent = await McpClient.stdio({ path: home.path, env }, 'legacy');
    await agent.call('start_job', {
      command: 'echo "[$GREETING] [$EDITOR] [$CLAUDECODE] [$ANTHROPIC_API_KEY]"',
      cwd: home.path,
      name: 'other',
    });
    const { jobs } = await home.json<{ jobs: Job[] }>(['list']);
    const job = jobs.find(({ name }) => name === 'other');
    assert.ok(job);
    assert.equal(job.options.inheritEnvFrom, 'caller');
    await home.ended(job.id);
    assert.equal((await home.bgjobs(['output', job.id])).stdout, '[] [ed] [] [key]\n');
  });

  it('lets a slow login shell end before it is killed, so that no lock of its files is left', async () => {
    const slow = mkdtempSync(join(home.path, 'slow-'));
    const lock = join(slow, 'lock');
    // As `pyenv init` does: a script of its own, whose trap removes the lock.
    const script = `trap 'rm -f "${lock}"; echo >"${slow}/cleaned"' EXIT; trap 'exit 1' HUP TERM; >"${lock}"; sleep 600 & wait`;
    writeFileSync(join(slow, 'rehash.sh'), script);
    writeFileSync(join(slow, '.profile'), `/bin/sh "${slow}/rehash.sh"\n`);
    const env = { ...codex(slow), BGJOBS_HOME: home.path };
    await using agent = await McpClient.stdio({ path: home.path, env }, 'modern');
    await agent.call('start_job', { argv: ['env'], cwd: home.path, name: 'slow' });
    const { jobs } = await home.json<{ jobs: Job[] }>(['list']);
    assert.equal(jobs.find(({ name }) => name === 'slow')?.options.inheritEnvFrom, 'caller');
    await until('the script has ended in order', () => existsSync(join(slow, 'cleaned')) || undefined);
    assert.equal(existsSync(lock), false);
  });

  it('does without when the login shell fails', async () => {
    const env = { ...codex(userHome), SHELL: '/bin/false', BGJOBS_HOME: home.path };
    await using agent = await McpClient.stdio({ path: home.path, env }, 'modern');
    await agent.call('start_job', { argv: ['env'], cwd: home.path, name: 'without' });
    const { jobs } = await home.json<{ jobs: Job[] }>(['list']);
    assert.equal(jobs.find(({ name }) => name === 'without')?.options.inheritEnvFrom, 'caller');
  });
});
