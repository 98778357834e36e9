import assert from 'node:assert/strict';
import { mcpClients, mcpConfiguration, type McpClientId } from '../../../../src/extension/agents/mcpConfiguration.ts';

const server = { command: '/home/ann/a "b"/bgjobs', env: {} };
const moved = { ...server, env: { BGJOBS_HOME: '/data/jobs' } };

describe('The MCP configuration to copy', () => {
  it('is what each client reads', () => {
    const read = (id: McpClientId): unknown => JSON.parse(mcpConfiguration(id, server));
    const plain = { 'background-jobs': { command: server.command, args: ['mcp'] } };
    const inFolder = { 'background-jobs': { command: server.command, args: ['mcp', '--cwd', '${workspaceFolder}'] } };
    assert.deepEqual(read('claude'), { mcpServers: plain });
    assert.deepEqual(read('windsurf'), { mcpServers: plain });
    assert.deepEqual(read('cursor'), { mcpServers: inFolder });
    assert.deepEqual(read('vscode'), { servers: inFolder });
    assert.equal(
      mcpConfiguration('codex', server),
      '[mcp_servers.background-jobs]\ncommand = "/home/ann/a \\"b\\"/bgjobs"\nargs = ["mcp"]\n',
    );
  });

  it('names the store where it is not the usual one', () => {
    for (const id of Object.keys(mcpClients) as McpClientId[]) {
      assert.match(mcpConfiguration(id, moved), /BGJOBS_HOME"?(: | = )"\/data\/jobs"/, id);
    }
  });
});
