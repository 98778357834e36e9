/**
 * The room offers the tools of `agents/tools` over MCP. This file is the bundle that the host and the command line load
 * when a client speaks MCP, and not before.
 */
import { createInterface } from 'node:readline';
import { basename, resolve } from 'node:path';
import type { JobService } from '../../api/endpoints.ts';
import type { StartRequest } from '../../api/options.ts';
import { createClient } from '../../client/apiClient.ts';
import { isWithheld, loginShellEnvironment } from './loginShell.ts';
import { serveOnStdio, type Opening } from './onStdio.ts';

/** Loads what speaks HTTP: on stdio it would only take memory. */
export async function createMcpEndpoint(service: JobService, onError: (error: Error) => void) {
  const { endpointOf } = await import('./overHttp.ts');
  return endpointOf(service, onError);
}

/**
 * Serves one client on stdio until it goes.
 * @param options of the verb `bgjobs mcp`
 */
export async function serveMcp(options: { session?: string; cwd?: string }, opening?: Opening): Promise<void> {
  const { env } = process;
  const cwd = resolve(options.cwd ?? '.');
  const session = options.session ?? (env['BGJOBS_SESSION'] || basename(cwd) || 'mcp');
  const report = (error: Error): void => void process.stderr.write(`bgjobs mcp: ${error.message}\n`);
  let found: Promise<Surroundings> | undefined;
  const start = (): Promise<Surroundings> => (found ??= surroundings(env, report));
  // The first tool that needs the job host starts it. The store of the user may be known to the login shell alone.
  const service = createClient({ start: true, findEnv: async () => (await start()).inheritEnv ?? {} });
  const lines = opening?.lines ?? createInterface({ input: process.stdin, crlfDelay: Infinity });
  await serveOnStdio({ service, session, cwd, start }, { greeting: opening?.greeting, lines }, report);
  service.dispose();
}

type Surroundings = Pick<StartRequest, 'inheritEnv' | 'inheritEnvFrom'>;

/** What a job of this client builds on: the environment of this process or, if the client kept that back, the user's. */
async function surroundings(env: NodeJS.ProcessEnv, report: (error: Error) => void): Promise<Surroundings> {
  const own = { ...env } as Record<string, string>;
  if (!isWithheld(env, process.platform)) return { inheritEnv: own };
  try {
    return { inheritEnv: { ...(await loginShellEnvironment(env)), ...own }, inheritEnvFrom: 'loginShell' };
  } catch (error) {
    report(error as Error);
    return { inheritEnv: own };
  }
}
