import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { bundledCli } from './bundle.ts';
import type { Served } from './serve.ts';

/** The last revision of the protocol with sessions, and the first one without. */
export type Era = 'legacy' | 'modern';

/** The official client. The caller disposes it. */
export class McpClient implements AsyncDisposable {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  /** Connects to `bgjobs mcp` over its standard streams. */
  static async stdio(
    home: { path: string; cwd?: string; env?: Record<string, string> },
    era: Era,
    args: readonly string[] = [],
  ): Promise<McpClient> {
    const command = process.execPath;
    // The editor shows that the client hands on the user's environment.
    const own = { PATH: process.env['PATH'] ?? '', SHELL: '/bin/sh', EDITOR: 'true', BGJOBS_HOME: home.path };
    const env = home.env ?? own;
    const cli = await bundledCli();
    return McpClient.#connect(
      new StdioClientTransport({
        command,
        args: [cli, 'mcp', ...args],
        env,
        cwd: home.cwd ?? home.path,
        stderr: 'inherit',
      }),
      era,
    );
  }

  /** Connects to `bgjobs serve` over HTTP. */
  static http({ url, token }: Served, era: Era, query = ''): Promise<McpClient> {
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    return McpClient.#connect(new StreamableHTTPClientTransport(new URL(`/mcp${query}`, url), { requestInit }), era);
  }

  static async #connect(transport: Transport, era: Era): Promise<McpClient> {
    const mode = era === 'legacy' ? 'legacy' : { pin: '2026-07-28' };
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(transport);
    return new McpClient(client);
  }

  /** Makes a call that must succeed. @returns its text and the id of the job that it is about, empty if there is none */
  async call(name: string, input: Record<string, unknown> = {}): Promise<{ text: string; id: string }> {
    const { text, isError } = await this.try(name, input);
    assert.equal(isError, false, text);
    return { text, id: /^Job (\w{8})/m.exec(text)?.[1] ?? '' };
  }

  async try(name: string, input: Record<string, unknown> = {}) {
    const { content, structuredContent, isError = false } = await this.client.callTool({ name, arguments: input });
    // Some clients show only that, and some both.
    assert.equal(structuredContent, undefined);
    return { text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''), isError };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
