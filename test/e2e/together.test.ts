import assert from 'node:assert/strict';
import { useEditor } from '../helpers/editor.ts';
import { McpClient } from '../helpers/mcp.ts';
import { until } from '../helpers/until.ts';
import { packageExtension } from '../helpers/vsix.ts';
import { Workbench } from '../helpers/workbench.ts';

/** One store of jobs, and everybody who works with it at the same time. */
describe('two windows, a terminal and an MCP client', () => {
  const packages: string[] = [];
  before(async () => packages.push(await packageExtension()));
  const editor = useEditor({ packages, settings: { 'backgroundJobs.agents.mcpServer': true } });
  let windows: Workbench[];
  let mcp: McpClient;

  before(async () => {
    windows = [editor.workbench, await Workbench.open(editor.server.url(editor.workspace))];
    mcp = await McpClient.stdio({ path: editor.home, cwd: editor.workspace }, 'modern', ['--session', 'workspace']);
    for (const window of windows) await window.openContainer('Background Jobs');
  });
  after(async () => {
    await mcp.client.close();
    await windows[1]?.close();
  });

  /** Every window shows the job, and the MCP client lists it. */
  async function isSeenByAll(name: string): Promise<void> {
    for (const window of windows) await window.tree('Jobs').waitForRow(name, ({ icon }) => icon === 'play-circle');
    assert.match((await mcp.call('list_jobs', { status: 'running' })).text, new RegExp(`"${name}"`));
  }

  it('see the job of the MCP client, marked as an agent’s', async () => {
    await mcp.call('start_job', { argv: ['sleep', '600'], name: 'by an agent', lookMs: 0 });
    await isSeenByAll('by an agent');
    const row = await windows[0]?.tree('Jobs').waitForRow('by an agent');
    assert.match(row?.description ?? '', /· agent$/);
  });

  it('see the job of a terminal', async () => {
    const [window] = windows;
    assert.ok(window);
    await window.runCommand('Terminal: Create New Terminal');
    await until('bgjobs answers in the terminal', async () => {
      await window.terminal.type('clear; bgjobs list\n');
      return (await window.terminal.waitForText('SESSION', 5000).catch(() => '')) || undefined;
    });
    await window.terminal.type('bgjobs run --name by-terminal -- sleep 600\n');
    await isSeenByAll('by-terminal');
  });

  it('see the end that one of them has made', async () => {
    const { id } = await mcp.call('start_job', { argv: ['sleep', '600'], name: 'to be killed', lookMs: 0 });
    await isSeenByAll('to be killed');
    await mcp.call('kill_job', { id });
    for (const window of windows) {
      await window.tree('Jobs').waitForRow('to be killed', ({ icon }) => icon === 'stop-circle');
    }
    await windows[0]?.screenshot('together');
  });

  it('can have the MCP server in the editor itself, where a setting asks for it', async () => {
    const [window] = windows;
    assert.ok(window);
    await window.runCommand('MCP: List Servers');
    const labels = (await window.quickInput.items()).map(({ label }) => label);
    assert.ok(
      labels.some((label) => label.includes('Background Jobs')),
      labels.join(', '),
    );
    await window.quickInput.cancel();
  });
});
