import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundledCli } from '../helpers/bundle.ts';
import { useHome } from '../helpers/cli.ts';

interface Message {
  id?: unknown;
  method?: string;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

const clientInfo = { name: 'client', version: '1' };
const request = (id: unknown, method: string, params?: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const initialize = (protocolVersion: unknown, more: object = {}): string =>
  request(1, 'initialize', { protocolVersion, capabilities: {}, clientInfo, ...more });
const envelope = (revision: string, more: object = {}): object => ({
  _meta: {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': clientInfo,
    ...more,
  },
});
const discover = (revision: string, more?: object): string => request(1, 'server/discover', envelope(revision, more));

/** The answers to these lines do not wait for anything but the server. */
function messages(text: string): Message[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Message);
}

describe('The first answer of bgjobs mcp', () => {
  const home = useHome();

  /** The answers until each request has one. */
  async function ask(...lines: string[]): Promise<Message[]> {
    const server = await home.start(['mcp'], { openInput: true });
    let seen: Message[] = [];
    const wanted = lines.filter((line) => line.trim() !== '' && !line.includes('"notifications/')).length;
    const answered = new Promise<void>((resolve, reject) => {
      server.child.stdout?.on('data', () => {
        const text = server.stdout();
        seen = messages(text.slice(0, text.lastIndexOf('\n') + 1));
        if (seen.length >= wanted) resolve();
      });
      server.child.once('close', () => reject(new Error(`It ended: ${server.stdout()}${server.stderr()}`)));
    });
    server.child.stdin?.write(`${lines.join('\n')}\n`);
    await answered;
    server.child.stdin?.end();
    const { code, stdout } = await server.ended;
    assert.equal(code, 0);
    return messages(stdout);
  }

  const firsts: Record<string, string> = {
    'revision 2025-11-25': initialize('2025-11-25'),
    'revision 2025-06-18': initialize('2025-06-18'),
    'revision 2025-03-26': initialize('2025-03-26'),
    'revision 2024-11-05': initialize('2024-11-05'),
    'revision 2024-10-07': initialize('2024-10-07'),
    'a revision that there is not': initialize('2099-01-01'),
    'initialize with a revision that needs no initialize': initialize('2026-07-28'),
    'what a client can do': initialize('2025-11-25', {
      capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } },
      clientInfo: { ...clientInfo, title: 'Client', websiteUrl: 'https://example.com' },
    }),
    'revision 2026-07-28': discover('2026-07-28'),
    'server/discover of a revision that there is not': discover('2099-01-01'),
    'server/discover without its envelope': request(1, 'server/discover', {}),
    'server/discover with a log level': discover('2026-07-28', { 'io.modelcontextprotocol/logLevel': 'nonsense' }),
    'a client without a name': initialize('2025-11-25', { clientInfo: {} }),
    'a revision that is no text': initialize(5),
    'a flag that is no flag': initialize('2025-11-25', { capabilities: { roots: { listChanged: 'yes' } } }),
    'no JSON': '{"jsonrpc":',
    'no message': '{"id":1}',
    'another request': request(1, 'tools/call', { name: 'no_such_tool' }),
  };
  for (const [what, first] of Object.entries(firsts)) {
    it(`is what the SDK answers: ${what}`, async () => {
      const [early] = await ask(first);
      // An empty line comes first, so this is the answer of the SDK.
      const [ofSdk] = await ask('', first);
      assert.deepEqual(early, ofSdk);
    });
  }

  it('is given once, in either era, and what follows it is answered in order', async () => {
    const legacy = [
      initialize('2025-06-18'),
      request(undefined, 'notifications/initialized'),
      request(2, 'tools/list'),
    ];
    assert.deepEqual(
      (await ask(...legacy, request('1', 'ping'))).map(({ id }) => id),
      [1, 2, '1'],
    );
    const modern = [discover('2026-07-28'), request(2, 'tools/list', envelope('2026-07-28'))];
    const [found, listed] = await ask(...modern);
    assert.deepEqual(found?.result?.['supportedVersions'], ['2026-07-28']);
    assert.equal(listed?.result?.['resultType'], 'complete');
    // A client that has asked for it may still take the older way.
    assert.deepEqual(
      (await ask(discover('2026-07-28'), initialize('2025-11-25').replace('"id":1', '"id":2'))).map(({ id }) => id),
      [1, 2],
    );
  });

  it('does not wait for the tools, which are loaded after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bj-greeting-'));
    try {
      mkdirSync(join(folder, 'dist'));
      const cli = await bundledCli();
      copyFileSync(cli, join(folder, 'dist', 'cli.js'));
      copyFileSync(join(dirname(cli), '..', 'package.json'), join(folder, 'package.json'));
      // mcp.js is missing here.
      const run = spawnSync(process.execPath, [join(folder, 'dist', 'cli.js'), 'mcp'], {
        input: `${initialize('2025-11-25')}\n${request(2, 'tools/list')}\n`,
        encoding: 'utf8',
      });
      assert.deepEqual(
        messages(run.stdout).map(({ id, result }) => [id, result?.['protocolVersion']]),
        [[1, '2025-11-25']],
      );
      assert.match(run.stderr, /mcp\.js/);
      assert.equal(run.status, 1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is missing when the client says nothing', async () => {
    const { code, stdout, stderr } = await home.bgjobs(['mcp']);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  });

  it('leaves help and mistakes to the program', async () => {
    assert.match((await home.bgjobs(['mcp', '--help'])).stdout, /Model Context Protocol/);
    const wrong = await home.bgjobs(['mcp', '--sesion', 'x']);
    assert.deepEqual([wrong.code, /unknown option '--sesion'/.test(wrong.stderr)], [2, true]);
    assert.match((await home.bgjobs(['mcp', '--cwd'])).stderr, /argument missing/);
    const nowhere = await home.bgjobs(['mcp', '--cwd', '/nope']);
    assert.deepEqual([nowhere.code, nowhere.stdout], [2, '']);
    assert.match(nowhere.stderr, /"\/nope" is not a folder/);
  });
});
