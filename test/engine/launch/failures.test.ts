import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, environmentOf } from '../../../src/engine/launch/command.ts';
import { spawnByNode, type SpawnProcess } from '../../../src/engine/launch/spawnProcess.ts';
import { StartFailure } from '../../../src/engine/launch/command.ts';
import { startRequest, type StartRequest } from '../../../src/api/options.ts';
import { TemporaryFolder } from '../../helpers/engine/temporaryFolder.ts';
import { RunnerFixture } from '../../helpers/engine/runnerFixture.ts';

describe('a run that cannot start', () => {
  const failures: Record<string, { code: string; request: (folder: string) => Partial<StartRequest>; text: RegExp }> = {
    'a command that is nowhere on the PATH': {
      code: 'command_not_found',
      request: () => ({ argv: ['no-such-command-4711'] }),
      text: /no-such-command-4711/,
    },
    'a path that leads nowhere': {
      code: 'command_not_found',
      request: (folder) => ({ argv: [join(folder, 'nothing')] }),
      text: /nothing/,
    },
    'a shell that is not there': {
      code: 'command_not_found',
      request: () => ({ argv: undefined, command: 'true', shell: '/no/such/shell' }),
      text: /no\/such\/shell/,
    },
    'a file that is not executable': {
      code: 'permission_denied',
      request: (folder) => {
        writeFileSync(join(folder, 'plain'), '#!/bin/sh\n', { mode: 0o644 });
        return { argv: ['./plain'] };
      },
      text: /plain/,
    },
    'a folder as the program': {
      code: 'permission_denied',
      request: (folder) => ({ argv: [folder] }),
      text: /bj-/,
    },
    'a folder that has gone': {
      code: 'cwd_not_found',
      request: (folder) => {
        mkdirSync(join(folder, 'gone'));
        rmdirSync(join(folder, 'gone'));
        return { argv: ['true'], cwd: join(folder, 'gone') };
      },
      text: /gone/,
    },
    'a file as the folder': {
      code: 'cwd_not_found',
      request: (folder) => {
        writeFileSync(join(folder, 'file'), '');
        return { argv: ['true'], cwd: join(folder, 'file') };
      },
      text: /file/,
    },
    'one argument that is too long': {
      code: 'argument_list_too_long',
      request: () => ({ argv: ['echo', 'x'.repeat(200_000)] }),
      text: /too long/,
    },
    'too many arguments': {
      code: 'argument_list_too_long',
      request: () => ({ argv: ['echo', ...Array.from({ length: 9_999 }, () => 'x'.repeat(1000))] }),
      text: /too long/,
    },
    'a file for the standard input that is not there': {
      code: 'spawn_failed',
      request: (folder) => ({ argv: ['cat'], stdin: { type: 'file', path: join(folder, 'nothing') } }),
      text: /ENOENT.*nothing/,
    },
  };

  for (const [what, { code, request, text }] of Object.entries(failures)) {
    it(`says ${code}: ${what}`, async () => {
      await using test = new RunnerFixture({ name: 'dash' });
      const isMeant = (error: unknown): boolean =>
        error instanceof StartFailure && error.code === code && text.test(error.message);
      await assert.rejects(test.start(request(test.folder)), isMeant);
    });
  }

  it('says too_many_processes: no room for another process or open file', () => {
    using folder = new TemporaryFolder();
    const program = join(import.meta.dirname, 'fewDescriptors.ts');
    const script = `ulimit -n 64; exec "$0" --no-warnings "$1" "$2"`;
    const printed = execFileSync('sh', ['-c', script, process.execPath, program, folder.path], { stdio: 'pipe' });
    const outcomes = printed.toString().trim().split('\n');
    assert.equal(outcomes.pop(), 'started');
    assert.ok(outcomes.length > 0);
    assert.deepEqual([...new Set(outcomes)], ['too_many_processes']);
  });

  const withProgram =
    (program: string): SpawnProcess =>
    (request) =>
      spawnByNode({ ...request, program });
  const refused: SpawnProcess = () => {
    throw Object.assign(new Error('fork'), { code: 'EAGAIN' });
  };
  for (const [what, spawn, code, text] of [
    ['no shell to supervise it', withProgram('/no/such/sh'), 'spawn_failed', /the shell \/no\/such\/sh cannot be run/],
    ['a shell that is no program', withProgram('/dev/null'), 'spawn_failed', /the shell \/dev\/null cannot be run/],
    ['no room for a process', refused, 'too_many_processes', /^There is no room for another process\./],
  ] as const) {
    it(`says what is missing: ${what}`, async () => {
      await using test = new RunnerFixture({ name: 'dash', spawn });
      const isMeant = (error: unknown): boolean =>
        error instanceof StartFailure && error.code === code && text.test(error.message);
      await assert.rejects(test.start({ argv: ['true'] }), isMeant);
    });
  }
});

describe('commandOf', () => {
  const spec = (request: Partial<StartRequest>) => startRequest.parse({ cwd: '/', ...request });

  it('finds a program by parts of the PATH that count from the folder of the job', () => {
    using folder = new TemporaryFolder();
    mkdirSync(join(folder.path, 'tools'));
    symlinkSync('/bin/true', join(folder.path, 'tools', 'tool'));
    symlinkSync('/bin/true', join(folder.path, 'here'));
    const commandIn = (argv: string[], PATH: string) => commandOf(spec({ argv, cwd: folder.path }), { PATH }, 'linux');
    assert.deepEqual(commandIn(['tool'], 'tools:/bin'), ['tool']);
    assert.deepEqual(commandIn(['here'], '/bin:'), ['here']);
    assert.deepEqual(commandIn(['tools/tool'], ''), ['tools/tool']);
    assert.throws(() => commandIn(['tool'], '/bin'), { code: 'command_not_found' });
  });

  it('finds what every shell finds without a PATH', () => {
    assert.deepEqual(commandOf(spec({ argv: ['true'] }), {}, 'linux'), ['true']);
  });

  it("takes the user's shell for a line, else sh", () => {
    const line = { command: 'a && b' };
    assert.deepEqual(commandOf(spec(line), { SHELL: '/bin/bash' }, 'linux'), ['/bin/bash', '-c', 'a && b']);
    assert.deepEqual(commandOf(spec(line), { SHELL: '' }, 'linux'), ['/bin/sh', '-c', 'a && b']);
    assert.deepEqual(commandOf(spec(line), {}, 'darwin'), ['/bin/sh', '-c', 'a && b']);
    assert.deepEqual(commandOf(spec({ ...line, shell: '/bin/sh' }), { SHELL: '/x' }, 'linux').slice(0, 2), [
      '/bin/sh',
      '-c',
    ]);
  });

  it('knows the shells of Windows, and its variables in any case', () => {
    using folder = new TemporaryFolder();
    for (const name of ['cmd.exe', 'pwsh.exe', 'bash.exe']) {
      writeFileSync(join(folder.path, name), '');
      chmodSync(join(folder.path, name), 0o755);
    }
    const env = { Path: folder.path, COMSPEC: 'cmd.exe' };
    const command = (request: Partial<StartRequest>) =>
      commandOf(spec({ command: 'echo "a b"', ...request }), env, 'win32');
    assert.deepEqual(command({}), ['cmd.exe', '/d', '/s', '/c', '"echo "a b""']);
    assert.deepEqual(command({ shell: 'pwsh.exe' }), ['pwsh.exe', '-NoProfile', '-Command', 'echo "a b"']);
    assert.deepEqual(command({ shell: 'bash.exe' }), ['bash.exe', '-c', 'echo "a b"']);
  });
});

describe('environmentOf', () => {
  const marks = { BGJOBS_RUN_ID: 'j.1', BGJOBS_JOB_ID: 'j', BGJOBS_SESSION: 'default' };
  const environment = (base: NodeJS.ProcessEnv, env: StartRequest['env'], platform: NodeJS.Platform) =>
    environmentOf(base, startRequest.parse({ argv: ['x'], cwd: '/', env }), { runId: 'j.1', jobId: 'j' }, platform);

  it('takes names as they are', () => {
    const base = { Path: 'a', PATH: 'b', vscode_x: '1', VSCODE_X: '2' };
    assert.deepEqual(environment(base, { PATH: null, path: 'c' }, 'linux'), {
      Path: 'a',
      vscode_x: '1',
      path: 'c',
      ...marks,
    });
  });

  it('takes names in any case for the same on Windows', () => {
    const base = { Path: 'a', Temp: 'b', vscode_x: '1' };
    assert.deepEqual(environment(base, { PATH: 'c', TEMP: null }, 'win32'), { PATH: 'c', ...marks });
  });

  const named = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '1']));

  it('leaves out what a coding agent set for its own session, and keeps what its user set', () => {
    // All that these agents add to the environment of an MCP server.
    const ofAgents = {
      ...named('AI_AGENT', 'CLAUDECODE', 'CLAUDE_PROJECT_DIR', 'COREPACK_ENABLE_AUTO_PIN'),
      ...named('CLAUDE_CODE_CHILD_NOTES_DIR', 'CLAUDE_CODE_ENTRYPOINT', 'CLAUDE_CODE_LAUNCHED_BY_SESSION_IDS'),
      ...named('CLAUDE_CODE_MESSAGING_SOCKET', 'NoDefaultCurrentDirectoryInExePath'),
      ...named('COPILOT_AGENT_SESSION_ID', 'COPILOT_CLI_BINARY_VERSION', 'COPILOT_CLI_RESOLVED_DIST_DIR'),
      ...named('GIT_CONFIG_COUNT', 'GIT_CONFIG_KEY_0', 'GIT_CONFIG_VALUE_0'),
      ...named('QWEN_CODE_CLI', 'QWEN_CODE_LAUNCHER_PID', 'QWEN_CODE_MANAGED_NPM_PIN', 'QWEN_CODE_MANAGED_NPM_ROOT'),
      ...named('QWEN_CODE_MODEL', 'QWEN_CODE_MODEL_IDENTITY', 'QWEN_CODE_NO_RELAUNCH', 'QWEN_CODE_PROJECT_DIR'),
      ...named('QWEN_CODE_PRIVATE_RELAUNCH_ENV_PROVENANCE', 'QWEN_CODE_STARTUP_VERSION'),
      ...named('AGENT', 'OPENCODE', 'KILO_PID', 'KILO_PROCESS_ROLE', 'KILO_RUN_ID', 'KILO_TREE_SITTER_WASM_DIR'),
      ...named('KILOCODE_FEATURE', 'KILOCODE_VERSION'),
      CLAUDE_CODE_MESSAGING_TOKEN: 't',
      CLAUDE_CODE_SESSION_ID: 's',
      QWEN_CODE_SESSION_ID: 's',
      OPENCODE_PID: '1',
      KILO: '1',
      GEMINI_CLI: '1',
    };
    const ofUser = { ANTHROPIC_API_KEY: 'k', CLAUDE_CODE_USE_BEDROCK: '1', COPILOT_MODEL: 'm', OPENCODE_CONFIG: 'c' };
    assert.deepEqual(environment({ ...ofAgents, ...ofUser }, {}, 'linux'), { ...ofUser, ...marks });
    const withoutAgent = named('GIT_CONFIG_COUNT', 'COREPACK_ENABLE_AUTO_PIN', 'QWEN_CODE_MODEL');
    assert.deepEqual(environment(withoutAgent, {}, 'linux'), { ...withoutAgent, ...marks });
    assert.deepEqual(environment({}, { AGENT: 'wanted' }, 'linux'), { AGENT: 'wanted', ...marks });
  });

  it('cannot be given marks of another run', () => {
    assert.deepEqual(environment({}, { BGJOBS_RUN_ID: 'other.1', BGJOBS_SESSION: null }, 'linux'), marks);
  });
});
