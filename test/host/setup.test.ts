import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { mcpClientIds, type McpClientId } from '../../src/agents/setup/mcpClients.ts';
import { useHome } from '../helpers/cli.ts';

/** Where each client has its file, with what may stand in it. */
const files: Record<McpClientId, [path: string, text: string]> = {
  claude: [
    '.claude.json',
    '{\n  "numStartups": 3,\n  "mcpServers": {\n    "other": {\n      "command": "x"\n    }\n  }\n}\n',
  ],
  codex: [
    '.codex/config.toml',
    'model = "m" # my model\n\n[mcp_servers.other]\ncommand = "x"\n\n# the last word\n[tui]\na = 1\n',
  ],
  copilot: ['.copilot/mcp-config.json', '{"mcpServers": {"other": {"command": "x"}}}'],
  gemini: ['.gemini/settings.json', '{\n\t// my theme\n\t"theme": "dark", /* and no more */\n}\n'],
  qwen: ['.qwen/settings.json', '{\r\n    "theme": "dark" // mine\r\n}\r\n'],
  opencode: [
    '.config/opencode/opencode.jsonc',
    '{\n  // models\n  "model": "a/b",\n  "mcp": {\n    "other": { "type": "local" }, // keep\n  },\n}\n',
  ],
  kilo: ['.config/kilo/kilo.json', '{ "model": "a/b" }\n'],
  cline: ['.cline/data/settings/cline_mcp_settings.json', '{\n  "mcpServers": { "other": { "command": "x" } }\n}\n'],
  continue: [
    '.continue/config.yaml',
    '# mine\nname: Local\nversion: 1.0.0\nmcpServers: # tools\n  - name: other\n    command: x # keep\nmodels: []\n',
  ],
  vibe: ['.vibe/config.toml', 'active_model = "m"\n\n[[mcp_servers]] # first\nname = "other"\ncommand = "x"\n'],
  cursor: ['project/.cursor/mcp.json', '{\n  "mcpServers": {\n    "other": { "url": "http://localhost" }\n  }\n}\n'],
  vscode: [
    'project/.vscode/mcp.json',
    '{\n  "inputs": [],\n  "servers": {\n    // none yet\n    "other": { "url": "http://localhost" }\n  }\n}\n',
  ],
  'claude-desktop': ['.config/Claude/claude_desktop_config.json', '{}'],
  windsurf: ['.codeium/windsurf/mcp_config.json', '{\n  "mcpServers": {\n    "other": {}\n  }\n}\n'],
};

type Start = { command: string; args: string[]; env: Record<string, string> };

describe('bgjobs setup', () => {
  const home = useHome();
  let user: string;

  beforeEach(() => {
    user = mkdtempSync(join(home.path, 'user-'));
    mkdirSync(join(user, 'project'));
  });

  const setup = (...args: string[]) =>
    home.bgjobs(['setup', ...args], { cwd: join(user, 'project'), env: { HOME: user } });
  const succeed = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await setup(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const refused = async (reason: RegExp, ...args: string[]): Promise<void> => {
    const { code, stderr } = await setup(...args);
    assert.equal(code, 2);
    assert.match(stderr, reason);
  };
  const put = (id: McpClientId, text: string): string => {
    const path = join(user, files[id][0]);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };

  for (const id of mcpClientIds) {
    it(`adds the server to the file of ${id}, once, and takes it out again`, async () => {
      const [, text] = files[id];
      const path = put(id, text);
      chmodSync(path, 0o640);
      assert.match(await succeed(id), /Added/);
      const after = readFileSync(path, 'utf8');
      assert.match(after, /background-jobs/);
      for (const comment of text.match(/(#|\/\/|\/\*) .*$/gm) ?? []) assert.ok(after.includes(comment.trim()), comment);
      assert.equal(statSync(path).mode & 0o777, 0o640);
      assert.match(await succeed(id), /already set up/);
      assert.equal(readFileSync(path, 'utf8'), after);
      assert.match(await succeed(id, '--undo'), /Removed/);
      assert.equal(readFileSync(path, 'utf8'), text);
      assert.deepEqual(
        readdirSync(dirname(path)).filter((name) => name !== path.split('/').at(-1) && !name.endsWith('data')),
        id === 'claude' ? ['project'] : [],
      );
      assert.match(await succeed(id, '--undo'), /nothing to take out/);
    });
  }

  for (const id of mcpClientIds.filter((each) => each !== 'continue')) {
    it(`creates the file of ${id}, and removes it again`, async () => {
      const path = join(user, files[id][0].replace('opencode.jsonc', 'opencode.json'));
      await succeed(id);
      assert.equal(readFileSync(path, 'utf8'), await succeed(id, '--print'));
      assert.match(await succeed(id, '--undo', '--dry-run'), /would be removed:\n(- .+\n)+$/);
      await succeed(id, '--undo');
      assert.equal(existsSync(path), false);
    });
  }

  it('writes what the agents need: a command that starts the server in this store, approval, variables, time', async () => {
    await succeed('claude');
    const { mcpServers } = JSON.parse(readFileSync(join(user, '.claude.json'), 'utf8')) as {
      mcpServers: Record<string, Start>;
    };
    const { command, args, env } = mcpServers['background-jobs'] ?? assert.fail();
    assert.deepEqual(env, { BGJOBS_HOME: home.path });
    const ping =
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}\n';
    const answer = spawnSync(command, args, { env, input: ping, encoding: 'utf8' });
    assert.match(answer.stdout, /"serverInfo"/);
    const toml = structuredClone(parseToml(await succeed('codex', '--print')));
    assert.deepEqual(
      { ...(toml['mcp_servers'] as Record<string, object>)['background-jobs'], env_vars: null },
      {
        ...{ command, args, env, env_vars: null, required: true, default_tools_approval_mode: 'approve' },
        ...{ startup_timeout_sec: 30, tool_timeout_sec: 120 },
      },
    );
    put('continue', files.continue[1]);
    await succeed('continue');
    const yaml = parseYaml(readFileSync(join(user, '.continue/config.yaml'), 'utf8')) as { mcpServers: unknown[] };
    assert.deepEqual(yaml.mcpServers[1], { name: 'background-jobs', command, args, env });
  });

  it('replaces what it wrote for a program in another folder, and nothing that another has written', async () => {
    const wanted = await succeed('codex', '--print');
    const entry = (command: string) =>
      wanted.replace(/command = .*\nargs = .*/, `command = "${command}"\nargs = ["mcp"]`);
    const path = put('codex', `${entry('/old/bgjobs')}\n[other]\n`);
    assert.match(await succeed('codex'), /Updated/);
    assert.equal(readFileSync(path, 'utf8').trimStart(), `[other]\n\n${wanted}`);
    const foreign: [text: string, what: RegExp, remedy: RegExp][] = [
      [entry('npx'), /is not as `bgjobs setup` writes it: command\./, /Rename or remove it, and run this again/],
      [`${wanted}enabled = false\n`, /: enabled \(added\)\./, /Rename or remove it/],
    ];
    for (const [text, what, remedy] of foreign) {
      put('codex', text);
      await refused(new RegExp(`${what.source}.*${remedy.source}`), 'codex');
      await refused(new RegExp(`${what.source}.*Remove it by hand`), 'codex', '--undo');
      assert.equal(readFileSync(path, 'utf8'), text);
    }
    put('codex', wanted.replace(/required.*\n/, ''));
    await refused(/: required \(missing\)\..*`bgjobs setup codex --undo` and then this again/, 'codex');
    await succeed('codex', '--undo');
    const other = '{"mcpServers": {"background-jobs": {"command": "docker", "args": ["run", "mcp"]}}}';
    put('gemini', other);
    await refused(/writes it: command/, 'gemini');
    assert.equal(readFileSync(join(user, '.gemini/settings.json'), 'utf8'), other);
  });

  it('leaves alone what cannot be read, or not be changed safely', async () => {
    const broken: [McpClientId, string, RegExp][] = [
      ['claude', '{"a": 1,, }', /cannot be read and was left as it is: .*line 1/],
      ['gemini', '[1]', /not a table/],
      ['codex', 'a = = 1\n', /cannot be read/],
      ['codex', 'mcp_servers.background-jobs = 1\n', /writes it: command/],
      ['opencode', '{"mcp": {"a": 1}, "mcp": {}}', /cannot be changed safely.*`bgjobs setup opencode --print`/],
      ['continue', 'a: [1\n', /cannot be read/],
      ['continue', '{ name: Local }\n', /cannot be changed safely/],
    ];
    for (const [id, text, reason] of broken) {
      const path = put(id, text);
      await refused(reason, id);
      assert.equal(readFileSync(path, 'utf8'), text);
    }
  });

  it('only shows what would change with --dry-run, and what to add with --print', async () => {
    const path = put('vibe', files.vibe[1]);
    const shown = await succeed('vibe', '--dry-run');
    assert.match(shown, /^\+ \[\[mcp_servers\]\]$/m);
    assert.doesNotMatch(shown, /other/);
    await succeed('vibe', '--print');
    assert.equal(readFileSync(path, 'utf8'), files.vibe[1]);
    await refused(/--print cannot be used/, 'vibe', '--print', '--undo');
  });

  it('takes the name of an agent however it is written, and suggests the one that is meant', async () => {
    assert.equal(await succeed('Codex', '--print'), await succeed('codex', '--print'));
    assert.equal(await succeed('claude-code', '--print'), await succeed('claude', '--print'));
    await refused(/Did you mean copilot\?/, 'copilot-cli');
    await refused(/Did you mean gemini\?/, 'gemnii');
    await refused(/Allowed choices are claude, codex/, 'aider');
  });

  it('says in one line what to do about a file that cannot be read', async () => {
    mkdirSync(join(user, '.claude.json'));
    const { stderr } = await setup('claude');
    assert.match(stderr, /^bgjobs: .*is a folder\. Move it away, and run this again\.\n$/);
  });

  it('follows a link to the file, and waits for Continue to have one', async () => {
    const real = join(user, 'dotfiles.json');
    writeFileSync(real, '{}');
    symlinkSync(real, join(user, '.claude.json'));
    await succeed('claude');
    assert.ok(lstatSync(join(user, '.claude.json')).isSymbolicLink());
    assert.match(readFileSync(real, 'utf8'), /background-jobs/);
    await refused(/Start Continue once/, 'continue');
  });
});
