import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { toolNames } from '../../src/agents/tools/names.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { useHome } from '../helpers/cli.ts';
import { Serving, type Served } from '../helpers/serve.ts';

const modules = join(import.meta.dirname, '..', '..', 'node_modules', '@modelcontextprotocol');

/** Of what a suite for every server there can be: those of the protocol itself. The others want tools of their own names. */
const scenarios = ['server-initialize', 'ping', 'tools-list', 'resources-list', 'dns-rebinding-protection'];

interface Answer {
  tools?: { name: string }[];
  content?: { text: string }[];
  resources?: { uri: string }[];
}

describe('MCP with programs that nobody here wrote', () => {
  const home = useHome();
  let folder: string;

  before(() => (folder = mkdtempSync(join(tmpdir(), 'bj-peers-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The command line of the official inspector. */
  async function inspect(target: readonly string[], method: string, ...args: string[]): Promise<Answer> {
    const program = join(modules, 'inspector', 'clients', 'launcher', 'build', 'index.js');
    const { stdout } = await execa(process.execPath, [program, '--cli', ...target, '--method', method, ...args], {
      cwd: folder,
      env: { HOME: folder },
    });
    return JSON.parse(stdout) as Answer;
  }

  async function use(target: readonly string[]): Promise<void> {
    const { tools } = await inspect(target, 'tools/list', '--strict');
    assert.deepEqual(
      tools?.map(({ name }) => name),
      [...toolNames],
    );
    const tool = (name: string, ...pairs: string[]) => {
      const args = pairs.flatMap((pair) => ['--tool-arg', pair]);
      return inspect(target, 'tools/call', '--tool-name', name, ...args);
    };
    const started = await tool('start_job', 'command=echo hello; exit 3', `cwd=${folder}`, 'lookMs=30000');
    const id = /^Job (\w+): failed \(exit code 3\)/.exec(started.content?.[0]?.text ?? '')?.[1];
    assert.ok(id);
    assert.match((await tool('get_job_output', `id=${id}`)).content?.[0]?.text ?? '', /\nhello\n/);
    const { resources } = await inspect(target, 'resources/list');
    assert.ok(resources?.some(({ uri }) => uri.includes(id)));
  }

  it('the inspector, on stdio', async () => {
    const cli = await bundledCli();
    await use([process.execPath, cli, 'mcp', '--transport', 'stdio', '-e', `BGJOBS_HOME=${home.path}`]);
  });

  it('the inspector, over HTTP', async () => {
    await using serving = await Serving.start(home);
    const { url, token } = serving.served;
    await use([`${url}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${token}`]);
  });

  it("the protocol's own conformance suite, over HTTP", async () => {
    await using serving = await Serving.start(home);
    const { server, url } = await authorizing(serving.served);
    const program = join(modules, 'conformance', 'dist', 'index.js');
    try {
      for (const scenario of scenarios) {
        const args = [program, 'server', '--url', `${url}/mcp`, '--scenario', scenario];
        const { exitCode, stdout } = await execa(process.execPath, args, { cwd: folder, reject: false });
        assert.equal(exitCode, 0, `${scenario}\n${stdout}`);
        assert.match(stdout, /Passed: [1-9]/, scenario);
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

/** The suite cannot be told a token, so this adds it, and changes nothing else. */
async function authorizing({ url, token }: Served): Promise<{ server: Server; url: string }> {
  const { port } = new URL(url);
  const server = createServer((incoming, response) => {
    const { method, url: path, headers } = incoming;
    const own = `:${(server.address() as AddressInfo).port}`;
    const host = (headers.host ?? '').replace(own, `:${port}`);
    const origin = headers.origin?.replace(own, `:${port}`);
    const passedOn = { ...headers, host, ...(origin && { origin }), authorization: `Bearer ${token}` };
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers: passedOn }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    response.on('close', () => outgoing.destroy());
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
