import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { codingAgentName } from '../../src/api/options.ts';
import { pathWithAgents } from '../helpers/codingAgents.ts';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';

/** With stand-ins for the agents' programs: see test/fixtures/codingAgents. */
describe('coding agents in the editor', () => {
  // VSCODE_CLI: as when it is started in a terminal. Else the PATH is that of a login shell.
  const editor = useEditor({ env: { PATH: pathWithAgents(), VSCODE_CLI: '1' } });

  async function newestJob(): Promise<Job> {
    const store = storeOf(editor);
    try {
      const [job] = (await store.listJobs({ limit: 1 })).jobs;
      assert.ok(job);
      return job;
    } finally {
      store.dispose();
    }
  }

  it('are started with a prompt and with what they may do', async () => {
    const { workbench } = editor;
    await workbench.openContainer('Background Jobs');
    await workbench.runCommand('Background Jobs: Start Coding Agent…');
    await workbench.quickInput.waitFor('Start Coding Agent');
    assert.deepEqual(
      (await workbench.quickInput.items()).map(({ label, description }) => [label, basename(description)]),
      [
        ['Claude Code', 'claude'],
        ['Codex', 'codex'],
        ['GitHub Copilot CLI', 'copilot'],
        ['Gemini CLI', 'gemini'],
        ['Qwen Code', 'qwen'],
        ['opencode', 'opencode'],
        ['Kilo', 'kilo'],
        ['Cline', 'cline'],
      ],
    );
    await workbench.quickInput.pick('Codex');
    await workbench.quickInput.waitFor('Describe the task');
    await workbench.quickInput.answer(`Fix "it" in $HOME`);
    await workbench.quickInput.waitFor('Command-line options');
    await workbench.quickInput.answer(`--sandbox read-only -c 'a = "b c"'`);
    await workbench.tree('Jobs').waitForRow(/^codex: Fix/, ({ icon }) => icon === 'pass');
    const given = ['--sandbox', 'read-only', '-c', 'a = "b c"'];
    assert.deepEqual((await newestJob()).argv, ['codex', 'exec', '--json', ...given, '--', 'Fix "it" in $HOME']);
  });

  it('show what they said and did in the channel, and the result in the tooltip', async () => {
    const { workbench } = editor;
    await workbench.tree('Jobs').clickAction(/^codex: Fix/, 'Show Output');
    const text = await workbench.output.waitForText(/^Job: codex: Fix/, 'completed');
    assert.match(text, /^I run the tests\.$/m);
    assert.match(text, /^\$ bash -lc 'npm test'$/m);
    // The mouse is on the row already, and a tooltip comes when it gets there.
    await workbench.tree('Jobs').actions(/^Finished/);
    assert.match(await workbench.tree('Jobs').tooltip(/^codex: Fix/), /Answer: All done\./);
  });

  it('are continued in their session', async () => {
    const { workbench } = editor;
    await workbench.tree('Jobs').pickFromContextMenu(/^codex: Fix/, 'Continue Agent Session…');
    await workbench.quickInput.waitFor('Describe the task');
    await workbench.quickInput.answer('Now the rest');
    await workbench.tree('Jobs').waitForRow(/^codex: Now the rest/, ({ icon }) => icon === 'pass');
    const resume = ['resume', '0199a213-81c0-7800-8aa1-bbab2a035a53', '--', 'Now the rest'];
    assert.deepEqual((await newestJob()).argv?.slice(-4), resume);
  });

  it('are killed in their rows and tooltips when they are killed', async () => {
    const gate = join(editor.home, 'gate');
    execFileSync('mkfifo', [gate]);
    const tree = editor.workbench.tree('Jobs');
    const store = storeOf(editor);
    const env = { PATH: pathWithAgents(), AGENT_GATE: gate };
    try {
      for (const name of codingAgentName.options) {
        const codingAgent = { name, prompt: 'wait' };
        const { job } = await store.startJob({ codingAgent, cwd: editor.home, env, session: 'workspace' });
        await tree.waitForRow(`${name}: wait`, ({ icon }) => icon === 'play-circle');
        await store.killJob(job.id);
        const { accessibleName } = await tree.waitForRow(`${name}: wait`, ({ icon }) => icon === 'stop-circle');
        assert.match(accessibleName, /stopped by a user/);
      }
      await editor.workbench.screenshot('agents-killed');
    } finally {
      store.dispose();
    }
  });
});
