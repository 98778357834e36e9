import { createInterface } from 'node:readline';
import { greet, type Greeting } from '../../agents/greeting/greeting.ts';
import { mcpBundle } from '../../bundles.ts';

export interface McpOptions {
  session?: string;
  cwd?: string;
}

/** The part of `agents/mcp/main.ts` that is used here. */
export interface McpAfterGreeting {
  serveMcp: (
    options: McpOptions,
    opening: { readonly lines: AsyncIterable<string>; readonly greeting: Greeting | undefined },
  ) => Promise<void>;
}

/**
 * Answers the first message of an agent, and then loads what answers the others.
 * @param onAnswered called in between
 */
export async function serveMcp(options: McpOptions, onAnswered: () => void): Promise<void> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]();
  const { value: first, done } = await lines.next();
  if (done) return;
  const greeting = greet(first);
  if (greeting) await new Promise((resolve) => process.stdout.write(`${greeting.answer}\n`, resolve));
  onAnswered();
  // It serves one agent and is idle nearly always: small is better than fast. Electron may not let flags change.
  if (process.versions['electron'] === undefined) {
    const { setFlagsFromString } = await import('node:v8');
    const flags = ['--optimize-for-size', '--semi-space-growth-factor=1', '--no-opt', '--expose-gc'];
    for (const flag of flags) setFlagsFromString(flag);
  }
  const mcp = (await import(mcpBundle())) as McpAfterGreeting;
  await mcp.serveMcp(options, { lines: all(first, lines), greeting });
}

async function* all(first: string, others: AsyncIterableIterator<string>): AsyncGenerator<string> {
  yield first;
  yield* others;
}
