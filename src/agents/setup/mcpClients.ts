/**
 * `agents/setup` knows where coding agents and editors read which MCP servers there are. This file is the table, and reads
 * no other; `configFile.ts` changes the files, in a bundle of its own.
 */
import { posix, win32 } from 'node:path';

/** How to start `bgjobs`, without the verb, and the variables that it needs and a client does not pass on. */
export interface ServerCommand {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** The user whose files are meant. */
interface Place {
  home: string;
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
}

export type Entry = Record<string, unknown>;

export interface McpClient {
  title: string;
  format: 'json' | 'toml' | 'yaml';
  /** The first of them that exists is used, else the first. A relative path is in the folder of the project. */
  files: (place: Place) => string[];
  /** The member of the file that has the servers. */
  key: string;
  /** The servers are a list, and have their names in themselves. */
  isList?: true;
  entry: (server: ServerCommand) => Entry;
  /** Without the file the client works in another way, so it is not created. */
  needsFile?: true;
}

export const serverName = 'background-jobs';

/** Longer than a wait in one call (50 s), for clients that give up after 60 s. */
const toolSeconds = 120;
/** A busy machine starts a server slowly. */
const startSeconds = 30;

/**
 * What Codex is to hand on of its environment besides the six variables that it hands on anyway: what a login shell does
 * not know, because it belongs to the session.
 */
const sessionVariables = [
  ...['BGJOBS_HOME', 'BGJOBS_SESSION', 'SSH_AUTH_SOCK', 'DISPLAY', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR'],
  ...['DBUS_SESSION_BUS_ADDRESS', 'VIRTUAL_ENV', 'CONDA_PREFIX'],
];

function plain({ command, args, env }: ServerCommand, ...more: string[]): Entry {
  return { command, args: [...args, 'mcp', ...more], ...(Object.keys(env).length > 0 && { env }) };
}

/** opencode, and Kilo, which was made from it. Their limit is for the start and for each call. */
function ofOpencode({ command, args, env }: ServerCommand): Entry {
  return {
    type: 'local',
    command: [command, ...args, 'mcp'],
    enabled: true,
    timeout: toolSeconds * 1000,
    ...(Object.keys(env).length > 0 && { environment: env }),
  };
}

/** A file in the home folder, or in the folder that a variable names. */
function inHome(folder: string, name: string, variable?: string) {
  return ({ home, env, platform }: Place): string[] => {
    const path = platform === 'win32' ? win32 : posix;
    return [path.join((variable && env[variable]) || path.join(home, folder), name)];
  };
}

/** In the folder that desktop programs use for their configuration. */
function inConfiguration(...path: string[]) {
  return ({ home, env, platform }: Place): string => {
    if (platform === 'win32') return win32.join(env['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming'), ...path);
    if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', ...path);
    return posix.join(configHome(env, home, posix), ...path);
  };
}

/** A relative folder is to be ignored, says the XDG specification. */
function configHome(env: Place['env'], home: string, path: Pick<typeof posix, 'isAbsolute' | 'join'>): string {
  const given = env['XDG_CONFIG_HOME'] ?? '';
  return path.isAbsolute(given) ? given : path.join(home, '.config');
}

/** opencode and Kilo use ~/.config on all systems. */
function inXdg(folder: string, names: string[]) {
  return ({ home, env, platform }: Place): string[] => {
    const path = platform === 'win32' ? win32 : posix;
    return names.map((name) => path.join(configHome(env, home, path), folder, name));
  };
}

const jsonServers = {
  format: 'json',
  key: 'mcpServers',
  entry: (server) => plain(server),
} satisfies Partial<McpClient>;
const inProject = (server: ServerCommand): Entry => plain(server, '--cwd', '${workspaceFolder}');

export const mcpClients = {
  claude: {
    ...jsonServers,
    title: 'Claude Code',
    files: inHome('', '.claude.json', 'CLAUDE_CONFIG_DIR'),
    entry: (server) => ({ type: 'stdio', ...plain(server) }),
  },
  codex: {
    title: 'Codex',
    format: 'toml',
    files: inHome('.codex', 'config.toml', 'CODEX_HOME'),
    key: 'mcp_servers',
    entry: (server) => ({
      ...plain(server),
      // Codex hands on six variables only, and drops the rest.
      env_vars: sessionVariables,
      // Otherwise it does not wait for the server, and the first turn has no tools.
      required: true,
      startup_timeout_sec: startSeconds,
      tool_timeout_sec: toolSeconds,
      // Otherwise `codex exec` refuses every tool that is not read-only.
      default_tools_approval_mode: 'approve',
    }),
  },
  copilot: {
    ...jsonServers,
    title: 'GitHub Copilot CLI',
    files: inHome('.copilot', 'mcp-config.json', 'COPILOT_HOME'),
    entry: (server) => ({ type: 'local', ...plain(server), tools: ['*'], timeout: toolSeconds * 1000 }),
  },
  gemini: { ...jsonServers, title: 'Gemini CLI', files: inHome('.gemini', 'settings.json') },
  qwen: { ...jsonServers, title: 'Qwen Code', files: inHome('.qwen', 'settings.json') },
  opencode: {
    title: 'opencode',
    format: 'json',
    files: inXdg('opencode', ['opencode.json', 'opencode.jsonc']),
    key: 'mcp',
    entry: ofOpencode,
  },
  kilo: {
    title: 'Kilo CLI',
    format: 'json',
    files: inXdg('kilo', ['kilo.json', 'kilo.jsonc', 'opencode.json', 'opencode.jsonc']),
    key: 'mcp',
    entry: ofOpencode,
  },
  cline: {
    ...jsonServers,
    title: 'Cline',
    files: inHome('.cline/data', 'settings/cline_mcp_settings.json', 'CLINE_DATA_DIR'),
    entry: (server) => ({ ...plain(server), timeout: toolSeconds }),
  },
  continue: {
    title: 'Continue',
    format: 'yaml',
    files: inHome('.continue', 'config.yaml', 'CONTINUE_GLOBAL_DIR'),
    key: 'mcpServers',
    isList: true,
    needsFile: true,
    entry: (server) => ({ name: serverName, ...plain(server) }),
  },
  vibe: {
    title: 'Mistral Vibe',
    format: 'toml',
    files: inHome('.vibe', 'config.toml', 'VIBE_HOME'),
    key: 'mcp_servers',
    isList: true,
    entry: (server) => ({
      name: serverName,
      transport: 'stdio',
      ...plain(server),
      startup_timeout_sec: startSeconds,
      tool_timeout_sec: toolSeconds,
    }),
  },
  cursor: { ...jsonServers, title: 'Cursor', files: () => ['.cursor/mcp.json'], entry: inProject },
  vscode: {
    title: 'Visual Studio Code',
    format: 'json',
    files: () => ['.vscode/mcp.json'],
    key: 'servers',
    entry: inProject,
  },
  'claude-desktop': {
    ...jsonServers,
    title: 'Claude Desktop',
    files: (place) => [inConfiguration('Claude', 'claude_desktop_config.json')(place)],
  },
  windsurf: { ...jsonServers, title: 'Windsurf', files: inHome('.codeium/windsurf', 'mcp_config.json') },
} satisfies Record<string, McpClient>;

export type McpClientId = keyof typeof mcpClients;

export const mcpClientIds = Object.keys(mcpClients) as McpClientId[];

/** The text to add to the file of a client. */
export function mcpConfiguration(client: McpClient, server: ServerCommand): string {
  return configurationOf(client, client.entry(server));
}

export function configurationOf(client: McpClient, entry: Entry): string {
  if (client.format === 'toml') return tomlBlock(client, entry);
  if (client.format === 'yaml') return `${client.key}:\n${yamlItem(entry, '  ')}`;
  return `${JSON.stringify({ [client.key]: { [serverName]: entry } }, null, 2)}\n`;
}

/** A table, with its header. */
export function tomlBlock({ key, isList }: McpClient, entry: Entry): string {
  const lines = Object.entries(entry).map(([name, value]) => `${name} = ${tomlValue(value)}`);
  return [isList ? `[[${key}]]` : `[${key}.${serverName}]`, ...lines, ''].join('\n');
}

/** JSON's strings, numbers and lists are TOML's too. */
export function tomlValue(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${name} = ${tomlValue(one)}`)
    .join(', ')} }`;
}

/** An item of a list. JSON is YAML. */
export function yamlItem(entry: Entry, indent: string): string {
  const lines = Object.entries(entry).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `${indent}- ${lines.join(`\n${indent}  `)}\n`;
}
