import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { editorToolName, editorTools, type EditorToolName } from '../../src/agents/tools/names.ts';
import { removeAllJobs, start, untilRunning, workspaceFolder } from './support.ts';

async function invoke(name: EditorToolName, input: object): Promise<string> {
  const options = { input, toolInvocationToken: undefined };
  const { content } = await vscode.lm.invokeTool(editorToolName(name), options);
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
}

describe('Tools for agents', () => {
  afterEach(removeAllJobs);

  it('are all there, with a schema of what they take', () => {
    for (const name of Object.keys(editorTools) as EditorToolName[]) {
      const tool = vscode.lm.tools.find((known) => known.name === editorToolName(name));
      assert.ok(tool, name);
      assert.ok(tool.inputSchema && 'properties' in tool.inputSchema, name);
    }
  });

  it('look at the jobs of this window, and name each other as they are called here', async () => {
    const job = await start({ command: 'echo Listening on 80; exec sleep 600', cwd: workspaceFolder() });
    await untilRunning(job.id);
    const waited = await invoke('wait_for_job', { id: job.shortId, for: '/Listening/' });
    assert.match(waited, /^This line matched \/Listening\/: Listening on 80$/m);
    assert.match(waited, /bgjobs_kill_job/);
    assert.match(await invoke('list_jobs', {}), new RegExp(`${job.shortId} running for .*: echo Listening`));
    assert.match(await invoke('get_job_output', { id: job.shortId }), /---\nListening on 80\n---/);
    assert.match(await invoke('get_job_status', { id: job.shortId }), /Session: /);
  });

  it('say in a sentence what is wrong', async () => {
    await assert.rejects(
      invoke('get_job_status', { id: 'ffffffff' }),
      /job_not_found: No job has the id or the name "ffffffff"/,
    );
    await assert.rejects(invoke('get_job_status', {}), /id/);
  });

  it('stop waiting when the agent does, and leave the job alone', async () => {
    const job = await start({ command: 'exec sleep 600', cwd: workspaceFolder() });
    await untilRunning(job.id);
    const cancelled = new vscode.CancellationTokenSource();
    const options = { input: { id: job.id, timeoutMs: 600_000 }, toolInvocationToken: undefined };
    const waiting = vscode.lm.invokeTool(editorToolName('wait_for_job'), options, cancelled.token);
    cancelled.cancel();
    await assert.rejects(async () => waiting);
    assert.match(await invoke('get_job_status', { id: job.id }), /: running/);
  });
});
