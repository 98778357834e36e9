import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import { toolNames } from '../../src/agents/tools/names.ts';

interface Configuration {
  mcpServers: { 'background-jobs': { command: string; args: string[]; env: Record<string, string> } };
}

describe('The MCP configuration', () => {
  it('goes to the clipboard, and starts the MCP server of these very jobs', async () => {
    const text = await vscode.commands.executeCommand<string>(commands.copyMcpConfiguration, 'claude');
    assert.equal(await vscode.env.clipboard.readText(), text);
    const { command, args, env } = (JSON.parse(text) as Configuration).mcpServers['background-jobs'];
    assert.equal(env['BGJOBS_HOME'], process.env['BGJOBS_HOME']);

    const clientInfo = { name: 'test', version: '1' };
    const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    const messages = [
      { jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 2, method: 'tools/list' },
    ];
    const names = await listTools(command, args, env, messages);
    assert.deepEqual(names, [...toolNames]);
  });
});

async function listTools(
  command: string,
  args: string[],
  env: Record<string, string>,
  messages: object[],
): Promise<string[]> {
  const server = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    for (const message of messages) server.stdin.write(`${JSON.stringify(message)}\n`);
    let text = '';
    for await (const part of server.stdout) {
      text += String(part);
      const answer = text.split('\n').find((line) => line.includes('"id":2') && line.endsWith('}'));
      if (answer === undefined) continue;
      const { result } = JSON.parse(answer) as { result: { tools: { name: string }[] } };
      return result.tools.map(({ name }) => name);
    }
    throw new Error(`no answer: ${text}`);
  } finally {
    server.stdin.end();
  }
}
