// The coding agents that npm has, and one of PyPI: one table says how each is installed, given a model and run headless.
// `bgjobs setup` connects them to `bgjobs mcp`.
import { join } from 'node:path';
import { stringify } from 'yaml';
import { applyChange, planChange } from '../../src/agents/setup/configFile.ts';
import { mcpClients, serverName, type McpClient, type ServerCommand } from '../../src/agents/setup/mcpClients.ts';

/** Where an agent runs, and what it talks to. All folders are temporary. */
export interface Place {
  home: string;
  workspace: string;
  modelUrl: string;
  server: ServerCommand;
}

export interface Client {
  title: string;
  /** From npm, unless `registry` says otherwise. */
  package: string;
  registry?: 'pypi';
  version: string;
  program: string;
  env(place: Place): Record<string, string>;
  /** The configuration without MCP servers, by path. */
  files(place: Place): Record<string, unknown>;
  /** What follows the name of the program. */
  run(prompt: string, options: string[]): string[];
  /** Options that apply to a run, and to a job of `bgjobs agent` as well. @param approve tools run without a question */
  options(place: Place, approve: boolean): string[];
  /** Arguments of the program for a first run that only prepares the home folder. */
  prepare?: (place: Place) => string[];
}

const key = 'not-a-key';

/** opencode, and Kilo, which was made from it. */
function opencodeConfiguration({ modelUrl }: Place) {
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Scripted',
    options: { baseURL: `${modelUrl}/v1`, apiKey: key },
    models: { scripted: { name: 'scripted' } },
  };
  return {
    provider: { scripted: provider },
    model: 'scripted/scripted',
    small_model: 'scripted/scripted',
    autoupdate: false,
    share: 'disabled',
  };
}

function codexConfiguration({ modelUrl }: Place): string {
  return `model = "scripted"
model_provider = "scripted"

[model_providers.scripted]
name = "scripted"
base_url = "${modelUrl}/v1"
env_key = "MODEL_KEY"
wire_api = "responses"
`;
}

function vibeConfiguration({ modelUrl }: Place): string {
  return `active_model = "scripted"
enable_telemetry = false
enable_update_checks = false
enable_auto_update = false

[[providers]]
name = "scripted"
api_base = "${modelUrl}/v1"
api_key_env_var = "MODEL_KEY"
backend = "generic"

[[models]]
name = "scripted"
provider = "scripted"
alias = "scripted"
`;
}

export const clients = {
  claude: {
    title: 'Claude Code',
    package: '@anthropic-ai/claude-code',
    version: '2.1.332',
    program: 'claude',
    env: ({ modelUrl }) => ({
      ANTHROPIC_BASE_URL: modelUrl,
      ANTHROPIC_API_KEY: key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    }),
    files: () => ({}),
    run: (prompt, options) => ['-p', ...options, '--', prompt],
    options: (_place, approve) => (approve ? ['--allowedTools', `mcp__${serverName}`] : []),
  },
  codex: {
    title: 'Codex',
    package: '@openai/codex',
    version: '0.171.0',
    program: 'codex',
    env: () => ({ MODEL_KEY: key }),
    files: (place) => ({ [join(place.home, '.codex', 'config.toml')]: codexConfiguration(place) }),
    run: (prompt, options) => ['exec', ...options, '--', prompt],
    options: () => ['--skip-git-repo-check'],
  },
  copilot: {
    title: 'Copilot CLI',
    package: '@github/copilot',
    version: '1.0.102',
    program: 'copilot',
    env: ({ modelUrl }) => ({
      COPILOT_PROVIDER_BASE_URL: `${modelUrl}/v1`,
      COPILOT_PROVIDER_API_KEY: key,
      COPILOT_MODEL: 'scripted',
      COPILOT_OFFLINE: 'true',
      COPILOT_AUTO_UPDATE: 'false',
    }),
    files: () => ({}),
    run: (prompt, options) => [...options, `--prompt=${prompt}`],
    options: (_place, approve) => (approve ? ['--allow-all-tools'] : []),
  },
  gemini: {
    title: 'Gemini CLI',
    package: '@google/gemini-cli',
    version: '0.61.0',
    program: 'gemini',
    env: ({ modelUrl }) => ({ GOOGLE_GEMINI_BASE_URL: modelUrl, GEMINI_API_KEY: key }),
    files: (place) => ({
      [join(place.home, '.gemini', 'settings.json')]: {
        security: { auth: { selectedType: 'gemini-api-key' } },
        general: { enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
      },
    }),
    run: (prompt, options) => [...options, '-p', prompt],
    options: (_place, approve) => [
      '--skip-trust',
      '--model',
      'gemini-2.5-flash',
      ...(approve ? ['--approval-mode', 'yolo'] : []),
    ],
  },
  opencode: {
    title: 'opencode',
    package: 'opencode-ai',
    version: '1.18.33',
    program: 'opencode',
    env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' }),
    files: (place) => ({ [join(place.home, '.config', 'opencode', 'opencode.json')]: opencodeConfiguration(place) }),
    run: (prompt, options) => ['run', ...options, prompt],
    options: () => [],
  },
  qwen: {
    title: 'Qwen Code',
    package: '@qwen-code/qwen-code',
    version: '0.24.4',
    program: 'qwen',
    env: ({ modelUrl }) => ({ OPENAI_BASE_URL: `${modelUrl}/v1`, OPENAI_API_KEY: key, OPENAI_MODEL: 'scripted' }),
    files: (place) => ({
      [join(place.home, '.qwen', 'settings.json')]: {
        security: { auth: { selectedType: 'openai' } },
        general: { enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
      },
    }),
    run: (prompt, options) => [...options, '-p', prompt],
    options: (_place, approve) => (approve ? ['--approval-mode', 'yolo'] : []),
  },
  kilo: {
    title: 'Kilo CLI',
    package: '@kilocode/cli',
    version: '7.7.7',
    program: 'kilo',
    env: () => ({ KILO_DISABLE_AUTOUPDATE: '1', KILO_DISABLE_MODELS_FETCH: '1', KILO_TELEMETRY_LEVEL: 'off' }),
    files: (place) => ({ [join(place.home, '.config', 'kilo', 'kilo.json')]: opencodeConfiguration(place) }),
    run: (prompt, options) => ['run', ...options, prompt],
    options: () => [],
  },
  cline: {
    title: 'Cline CLI',
    package: 'cline',
    version: '3.0.65',
    program: 'cline',
    env: () => ({ CLINE_TELEMETRY_DISABLED: '1', CLINE_NO_AUTO_UPDATE: '1' }),
    files: () => ({}),
    run: (prompt, options) => [...options, prompt],
    options: (_place, approve) => ['--json', ...(approve ? ['--auto-approve', 'true'] : ['--auto-approve', 'false'])],
    prepare: ({ modelUrl }) => [
      ...['auth', '-p', 'openai-compatible', '-k', key, '-m', 'scripted', '-b', `${modelUrl}/v1`],
    ],
  },
  continue: {
    title: 'Continue CLI',
    package: '@continuedev/cli',
    version: '1.5.47',
    program: 'cn',
    env: () => ({ CONTINUE_TELEMETRY_ENABLED: '0', CONTINUE_CLI_AUTO_UPDATED: '1' }),
    files: (place) => ({
      [join(place.home, '.continue', 'config.yaml')]: stringify({
        name: 'Scripted',
        version: '1.0.0',
        schema: 'v1',
        models: [
          { name: 'scripted', provider: 'openai', model: 'scripted', apiBase: `${place.modelUrl}/v1`, apiKey: key },
        ],
      }),
    }),
    run: (prompt, options) => ['-p', ...options, prompt],
    options: ({ home }) => ['--config', join(home, '.continue', 'config.yaml')],
  },
  vibe: {
    title: 'Mistral Vibe',
    package: 'mistral-vibe',
    registry: 'pypi',
    version: '3.0.2',
    program: 'vibe',
    env: () => ({ MODEL_KEY: key }),
    files: (place) => ({ [join(place.home, '.vibe', 'config.toml')]: vibeConfiguration(place) }),
    run: (prompt, options) => [...options, '-p', prompt],
    options: (_place, approve) => ['--trust', ...(approve ? ['--auto-approve'] : [])],
  },
} satisfies Record<string, Client>;

export type ClientName = keyof typeof clients;

/** As `bgjobs setup` does it. @param approve whether the tools may run without a question */
export function connect(name: ClientName, { home, server }: Place, approve: boolean): void {
  const { files, entry }: McpClient = mcpClients[name];
  const whole = entry(server);
  const { default_tools_approval_mode: _approval, ...asking } = whole;
  const paths = files({ home, env: {}, platform: process.platform });
  applyChange(planChange(name, paths, approve ? whole : asking, false));
}
