/** Where an agent reads which MCP servers there are. */
export interface McpClient {
  name: string;
  file: string;
}

/** `folder`: how the client writes the folder that is open in it; it starts servers in any. */
const clients = {
  claude: { name: 'Claude Code', file: '.mcp.json', key: 'mcpServers' },
  codex: { name: 'Codex', file: '~/.codex/config.toml' },
  cursor: { name: 'Cursor', file: '.cursor/mcp.json', key: 'mcpServers', folder: '${workspaceFolder}' },
  vscode: { name: 'Visual Studio Code', file: '.vscode/mcp.json', key: 'servers', folder: '${workspaceFolder}' },
  windsurf: { name: 'Windsurf', file: '~/.codeium/windsurf/mcp_config.json', key: 'mcpServers' },
} as const satisfies Record<string, McpClient & { key?: string; folder?: string }>;
export type McpClientId = keyof typeof clients;

export const mcpClients: Readonly<Record<McpClientId, McpClient>> = clients;

export interface McpServerCommand {
  /** The path of `bgjobs`. */
  command: string;
  /** Variables that `bgjobs` needs and a client does not pass on. */
  env: Record<string, string>;
}

/** The text to add to the configuration file of a client. */
export function mcpConfiguration(id: McpClientId, { command, env }: McpServerCommand): string {
  const client: McpClient & { key?: string; folder?: string } = clients[id];
  const args = client.folder === undefined ? ['mcp'] : ['mcp', '--cwd', client.folder];
  if (client.key === undefined) {
    // JSON's strings and lists are TOML's too.
    const pairs = Object.entries(env).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    const table = pairs.length === 0 ? '' : `\n[mcp_servers.background-jobs.env]\n${pairs.join('\n')}\n`;
    return `[mcp_servers.background-jobs]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}\n${table}`;
  }
  const server = { command, args, ...(Object.keys(env).length > 0 && { env }) };
  return `${JSON.stringify({ [client.key]: { 'background-jobs': server } }, null, 2)}\n`;
}
