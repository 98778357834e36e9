import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyChange, planChange, type Change } from '../../../../src/agents/setup/configFile.ts';
import {
  mcpClientIds,
  mcpClients,
  mcpConfiguration,
  type Entry,
  type McpClient,
  type McpClientId,
  type ServerCommand,
} from '../../../../src/agents/setup/mcpClients.ts';

const server: ServerCommand = { command: '/opt/a b/bgjobs', args: [], env: { BGJOBS_HOME: '/srv/jobs' } };

/** Files without our entry. Afterwards none of them may differ by a byte. */
const texts: Record<McpClient['format'], string[]> = {
  json: [
    ...['', '\n', '{}', '{}\n', '{ }', '{\n}\n', '  {}  ', '{\n  // mine\n}\n', '{ /* mine */ }'],
    ...['{"KEY": {}}', '{"KEY":{}}\n', '{ "KEY": { } }', '{\n  "KEY": {}\n}\n', '{\n  "KEY": {\n  }\n}'],
    '{\n  "KEY": {\n    // none yet\n  }\n}\n',
    '{\n\t"KEY": { /* none */ },\n\t"a": 1\n}\n',
    '{"a":1,"KEY":{"other":{"command":"x"}}}',
    '{ "KEY": { "other": {} }, "a": 1 }\n',
    '{\n  "a": 1,\n  "KEY": {\n    "other": { "command": "x" } // mine\n  }\n}\n',
    '{ // one\n  "a": [\n    1 ], // two\n}\n',
    '{ "a": {\n    "b": 1\n  }\n}',
  ],
  toml: [
    ...['', '\n', '\n\n', '# mine', '# mine\n', 'a = 1', 'a = 1\n', 'a = 1\n\n', '[a]\nb = 1', '[a]\nb = 1\n\n# end\n'],
    'a = """\n[mcp_servers.x]\n"""\n',
  ],
  yaml: [
    ...['', '# mine\n', 'name: a', 'name: a\n', 'mcpServers:', 'mcpServers:\n', 'name: a\nmcpServers: # none yet\n'],
    ...['mcpServers: []', 'mcpServers: [ ] # none\nname: a\n', 'mcpServers:\n  # none yet\nname: a\n'],
    ...['mcpServers:\n  - name: other\n    command: x\n  # the last\n', 'mcpServers:\n- name: other\n  command: x'],
    ...['mcpServers: [{ name: other }]\n', 'mcpServers: [\n  { name: other }, # mine\n]\n', '---\nname: a\n'],
  ],
};
const lists = ['mcp_servers = []', 'mcp_servers = [ ]\na = 1\n', 'mcp_servers = [ # none yet\n]\n[a]\n'];
/** The same for clients whose servers are, or are not, a list. */
const ofList = [...lists, 'a = 1\nmcp_servers = [{ name = "other" }]\n', 'mcp_servers = [\n  { name = "x" }, # y\n]\n'];
const ofTable = ['mcp_servers = {}\n', 'mcp_servers = { other = { command = "x" } }', '[mcp_servers]\n\n[a]\n'];

describe('the file of a coding agent', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-'));
    file = join(folder, 'settings');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const entryOf = (id: McpClientId, of = server): Entry => mcpClients[id].entry(of);
  const run = (id: McpClientId, undo = false, { files = [file], of = server } = {}): Change => {
    const change = planChange(id, files, entryOf(id, of), undo);
    applyChange(change);
    return change;
  };
  const refused = (message: RegExp, act: () => unknown): void =>
    assert.throws(act, (error: Error) => {
      assert.equal(error.name, 'BgJobsError', error.stack);
      assert.match(error.message, message);
      return true;
    });
  const text = (): string => readFileSync(file, 'utf8');
  /** Only root can be somebody else; everybody else is denied already. */
  const asStranger = (act: () => void): void => {
    if (process.getuid?.() !== 0) return act();
    const { mode } = statSync(tmpdir());
    chmodSync(tmpdir(), mode | 0o011);
    process.seteuid?.(65_534);
    try {
      act();
    } finally {
      process.seteuid?.(0);
      chmodSync(tmpdir(), mode);
    }
  };

  // Every format, key and kind of list.
  for (const id of ['claude', 'codex', 'opencode', 'continue', 'vibe'] as const) {
    const { format, key, isList }: McpClient = mcpClients[id];

    it(`of ${id} is as it was, to the byte, after setting up twice and taking out`, () => {
      const own = format === 'toml' ? (isList ? ofList : ofTable) : [];
      for (const lines of [...texts[format], ...own].map((one) => one.replaceAll('KEY', key))) {
        for (const before of [lines, lines.replaceAll('\n', '\r\n'), `\uFEFF${lines}`]) {
          writeFileSync(file, before);
          assert.equal(run(id).action, 'added', JSON.stringify(before));
          const after = text();
          assert.doesNotMatch(after, before.includes('\r') ? /(^|[^\r])\n/ : /\r/);
          assert.equal(after.startsWith('\uFEFF'), before.startsWith('\uFEFF'));
          assert.equal(run(id).action, 'unchanged');
          assert.equal(run(id, true).action, 'removed', after);
          assert.equal(text(), before, after);
          assert.equal(run(id, true).action, 'unchanged');
        }
      }
    });

    it(`of ${id} gets servers in place of null or an empty value of another kind`, () => {
      const values = { json: ['null', '[]'], toml: ['[]', '{}'], yaml: ['null', '~', '{}', '[]'] }[format];
      for (const value of values) {
        const before = { json: `{ "${key}": ${value} }`, toml: `${key} = ${value}`, yaml: `${key}: ${value}` }[format];
        writeFileSync(file, before);
        assert.equal(run(id).action, 'added', before);
        assert.equal(run(id, true).action, 'removed', before);
        assert.match(text(), /\{\s*\}|\[\s*\]/);
      }
    });

    it(`of ${id} has one entry after an update, which can be taken out`, () => {
      const before = { json: '{}', toml: '', yaml: '# mine\n' }[format];
      writeFileSync(file, before);
      run(id, false, { of: { ...server, command: '/old/bgjobs' } });
      assert.equal(run(id).action, 'updated');
      assert.equal(text().split('background-jobs').length, 2);
      run(id, true);
      assert.equal(text(), before);
    });
  }

  it('is removed if nobody but us has written it, also after an update', () => {
    for (const id of mcpClientIds.filter((one) => one !== 'continue')) {
      run(id, false, { of: { ...server, command: '/old/bgjobs' } });
      run(id);
      assert.equal(text(), mcpConfiguration(mcpClients[id], server));
      assert.equal(run(id, true).after, null);
      assert.equal(existsSync(file), false);
    }
  });

  it('stays if a link leads to it', () => {
    writeFileSync(join(folder, 'real'), mcpConfiguration(mcpClients.gemini, server));
    symlinkSync('real', file);
    run('gemini', true);
    assert.ok(lstatSync(file).isSymbolicLink());
    assert.deepEqual(JSON.parse(text()), {});
  });

  it('keeps its mode, its owner and its other names', () => {
    writeFileSync(file, '{}');
    chmodSync(file, 0o640);
    if (process.getuid?.() === 0) chownSync(file, 65_534, 65_534);
    const { uid, gid, mode } = statSync(file);
    run('gemini');
    assert.deepEqual({ uid, gid, mode }, (({ uid, gid, mode }) => ({ uid, gid, mode }))(statSync(file)));
    linkSync(file, join(folder, 'other name'));
    run('gemini', true);
    assert.equal(readFileSync(join(folder, 'other name'), 'utf8'), '{}');
    assert.deepEqual(readdirSync(folder).sort(), ['other name', 'settings']);
  });

  it('keeps a comment in the entry, with an error', () => {
    for (const [id, mine] of [
      ['gemini', /"command"/],
      ['codex', /required/],
    ] as const) {
      writeFileSync(file, id === 'gemini' ? '{}' : '');
      run(id);
      const edited = text().replace(mine, (found) => (id === 'gemini' ? `// mine\n${found}` : `# mine\n${found}`));
      writeFileSync(file, edited);
      refused(/has a comment that would be lost.* Move it, and run this again: (#|\/\/) mine$/, () => run(id, true));
      refused(/has a comment/, () => run(id, false, { of: { ...server, command: '/new/bgjobs' } }));
      assert.equal(text(), edited);
      rmSync(file);
    }
  });

  it('says which settings are not as we write them, and what to do', () => {
    run('codex');
    const before = text();
    const cases: [edit: (text: string) => string, RegExp, undo?: RegExp][] = [
      [
        (one) => one.replace('/srv/jobs', '/mine'),
        /: env\.BGJOBS_HOME \("\/mine" instead of "\/srv\/jobs"\).*`bgjobs setup codex --undo`/,
      ],
      [
        (one) => `${one}\n[mcp_servers.background-jobs.tools.start_job]\napproval_mode = "prompt"\n`,
        /: tools \(added\)\. .*Rename/,
        /: tools \(added\)\. .*by hand/,
      ],
      [(one) => one.replace('{ ', '{ TOKEN = "secret", '), /: env\.TOKEN \(added\)\. /, /: env\.TOKEN \(added\)\. /],
      [
        (one) => one.replace('"approve"', '"prompt"'),
        /default_tools_approval_mode \("prompt" instead of "approve"\)/,
        /_mode/,
      ],
      [(one) => one.replace('"mcp"', '"mcp", "--session", "x"'), /: args\./, /: args\./],
      [(one) => one.replace('bgjobs"', 'other"'), /: command\./, /: command\./],
    ];
    for (const [edit, message, undo] of cases) {
      writeFileSync(file, edit(before));
      refused(message, () => run('codex'));
      if (undo) refused(undo, () => run('codex', true));
      assert.equal(text(), edit(before));
    }
    writeFileSync(file, before.replace('/srv/jobs', '/mine'));
    assert.equal(run('codex', true).action, 'removed');
  });

  it('is the one that has the entry, of several that a client reads', () => {
    const files = ['a.json', 'a.jsonc'].map((name) => join(folder, name));
    const [first = '', second = ''] = files;
    writeFileSync(second, '{ /* mine */ }');
    assert.equal(run('opencode', false, { files }).file, second);
    writeFileSync(first, '{}');
    assert.equal(run('opencode', false, { files }).action, 'unchanged');
    assert.equal(run('opencode', true, { files }).file, second);
    assert.equal(readFileSync(second, 'utf8'), '{ /* mine */ }');
    assert.equal(run('opencode', false, { files }).file, first);
  });

  it('gets a sentence that says what to do when it cannot be read or written', () => {
    const within = join(folder, 'file', 'settings');
    writeFileSync(join(folder, 'file'), '');
    refused(/part of its path is a file and not a folder\. Move that file away, and run this again/, () =>
      run('gemini', false, { files: [within] }),
    );

    symlinkSync('nowhere', join(folder, 'link'));
    refused(/cannot be written: its folder cannot be created\. Create it, and run this again/, () =>
      run('gemini', false, { files: [join(folder, 'link', 'settings')] }),
    );
    rmSync(join(folder, 'link'));
    symlinkSync('nowhere', file);
    refused(/is a link to nowhere, which does not exist\. Create that file or remove the link/, () => run('gemini'));
    rmSync(file);
    symlinkSync('settings', file);
    refused(/leads back to itself\. Remove the link/, () => run('gemini'));
    rmSync(file);
    mkdirSync(file);
    refused(/is a folder\. Move it away/, () => run('gemini'));
    rmSync(file, { recursive: true });
    writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]));
    refused(/is not UTF-8 text\. Save it as UTF-8/, () => run('gemini'));
    writeFileSync(file, '{"mcpServers": "none"}');
    refused(/its mcpServers is not a table of servers\. Correct it/, () => run('gemini'));

    writeFileSync(file, '{}');
    chmodSync(file, 0o444);
    refused(/is read-only and was left as it is\. Make it writable/, () => run('gemini'));
    chmodSync(file, 0);
    asStranger(() => refused(/cannot be read: permission is denied\. Check the owner/, () => run('gemini')));
    chmodSync(file, 0o666);
    chmodSync(folder, 0o555);
    asStranger(() => refused(/cannot be written: permission is denied\. Check the owner/, () => run('gemini')));
    chmodSync(folder, 0o755);
    assert.equal(text(), '{}');
    assert.deepEqual(readdirSync(folder).sort(), ['file', 'settings']);
  });
});
