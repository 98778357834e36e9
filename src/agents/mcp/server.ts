import {
  CLIENT_INFO_META_KEY,
  McpServer,
  type CallToolResult,
  type ServerContext,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server';
import { instructions, serverInfo } from '../greeting/greeting.ts';
import { tools } from '../tools/main.ts';
import { failureText, jsonSchema, type Tool, type ToolContext } from '../tools/tool.ts';
import { addOutputResource } from './outputResource.ts';

/** Clients give up after a minute (the default of the official SDKs): a wait answers before that. */
const maxWaitMs = 50_000;
/**
 * The longest answer that a client shows whole, in characters, by the name in its `clientInfo`: docs/agents-matrix.md has
 * how each of them cuts a longer one. Vibe has the name that the SDK for Python gives.
 */
const shownChars: Record<string, number> = {
  '@cline/core': 7_500,
  'codex-mcp-client': 11_500,
  mcp: 15_500,
  'copilot-cli': 19_000,
  // And 2,000 lines.
  opencode: 20_000,
  kilo: 20_000,
  'qwen-cli-mcp-client': 25_000,
  'gemini-cli-mcp-client': 39_000,
  'claude-code': 49_000,
};
/** The longest answer for any other client. */
const maxChars = 60_000;

/** The service, and where jobs of a client belong. */
export interface Surface extends Pick<ToolContext, 'service' | 'session' | 'cwd'> {
  /** Further fields for each start; found out with the first call. */
  start?: () => Promise<ToolContext['start']>;
}

/**
 * A server for one connection, or for one request of a client without a connection.
 * @param subscribe whether the client can be notified of resources that change
 */
export function createServer(surface: Surface, { subscribe }: { subscribe: boolean }): McpServer {
  const server = new McpServer(serverInfo(), { instructions, capabilities: { tools: {}, resources: { subscribe } } });
  for (const [name, tool] of Object.entries(tools)) addTool(server, surface, name, tool);
  addOutputResource(server, surface.service);
  return server;
}

function addTool(server: McpServer, surface: Surface, name: string, tool: Tool): void {
  const { title, description, input, hints } = tool;
  const inputSchema = advertised(jsonSchema(input));
  const annotations = {
    title,
    readOnlyHint: hints.readOnly,
    destructiveHint: hints.destructive,
    idempotentHint: hints.idempotent,
    openWorldHint: name === 'start_job' || name === 'restart_job' || name === 'release_job',
  };
  server.registerTool(name, { title, description, inputSchema, annotations }, (given, context) =>
    call(tool, given, { ...surface, maxChars: charsFor(clientName(server, context)) }, context),
  );
}

/** Since revision 2026-07-28 each request carries it; before, the first one. */
function clientName(server: McpServer, { mcpReq }: ServerContext): string {
  const { [CLIENT_INFO_META_KEY]: named } = { ...mcpReq.envelope } as Record<string, { name?: string }>;
  return named?.name ?? server.server.getClientVersion()?.name ?? '';
}

/** @param client its name; Qwen's ends with the name of the server */
function charsFor(client: string): number {
  return shownChars[client.startsWith('qwen-cli-mcp-client') ? 'qwen-cli-mcp-client' : client] ?? maxChars;
}

/** Describes the input of a tool and validates nothing: the tool does, with better messages. */
function advertised(schema: Record<string, unknown>): StandardSchemaWithJSON<unknown> {
  const jsonSchema = { input: () => schema, output: () => schema };
  return { '~standard': { version: 1, vendor: 'background-jobs', validate: (value) => ({ value }), jsonSchema } };
}

type Limited = Surface & Pick<ToolContext, 'maxChars'>;

async function call(tool: Tool, given: unknown, surface: Limited, context: ServerContext): Promise<CallToolResult> {
  try {
    const { text } = await tool.call(given, {
      ...surface,
      start: (await surface.start?.()) ?? {},
      signal: context.mcpReq.signal,
      maxWaitMs,
      toolName: (name) => name,
      offers: () => true,
      onProgress: progress(context),
    });
    return { content: [{ type: 'text', text }] };
  } catch (error) {
    return { content: [{ type: 'text', text: failureText(error) }], isError: true };
  }
}

/** Reports the progress of a long call to a client that asked for it. Each report has a higher number than the last. */
function progress({ mcpReq }: ServerContext): ((message: string) => void) | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let reports = 0;
  return (message) => {
    const params = { progressToken, progress: ++reports, message };
    // A client that has gone needs no report.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
}
