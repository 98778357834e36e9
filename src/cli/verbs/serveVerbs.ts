import type { Command } from 'commander';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { JobService } from '../../api/endpoints.ts';
import { mcpBundle, serveBundle } from '../../bundles.ts';
import type * as Http from '../../http/main.ts';
import { Interruption, answer, definedOnly, note, usageError, type Context, type Json } from '../base/context.ts';
import { offering, sessionOption } from '../options/offer.ts';
import { parseCount } from '../options/parse.ts';

/** How long requests that are in progress may take when the server closes. */
const finishMs = 2000;

interface ServeOptions extends Json {
  port: number;
  host: string;
  tokenFile?: string;
}

export function addServe(program: Command, context: Context): void {
  const inFile = 'keep the token in this file, created if missing (default a new token each time)';
  program
    .command('serve')
    .summary('serve the HTTP API on a local port')
    .description(
      'Serve the HTTP API of the job host on a TCP port of this machine until Ctrl+C. The port is not reachable from other ' +
        'machines. Every request needs the printed token ("Authorization: Bearer TOKEN"). Jobs continue when it stops.',
    )
    .option('--port <number>', 'port to listen on; 0 picks a free one', parseCount, 0)
    .option('--host <address>', 'address to listen on: 127.0.0.1, ::1 or localhost', '127.0.0.1')
    .addOption(offering('files', '--token-file <path>', inFile))
    .option('--json', 'print {url, token, pid}')
    .action((options: ServeOptions) => serve(context, options));
}

async function serve(context: Context, { port, host, tokenFile, json }: ServeOptions): Promise<void> {
  using interruption = new Interruption();
  const { ApiServer, listenOnLoopback, loopbackAddress, loopbackTimeLimits } = (await import(
    serveBundle()
  )) as typeof Http;
  const address = loopbackAddress(host);
  if (port > 65_535) throw usageError(`--port ${port} is too high: the highest port is 65535`);
  const path = tokenFile === undefined ? undefined : resolve(context.cwd, tokenFile);
  const token = path === undefined ? newToken() : readTokenFile(path, process.getuid?.());
  const report = (message: string, error?: unknown): void => {
    void note(context, error instanceof Error ? `${message}: ${error.stack ?? error.message}` : message);
  };
  const server = new ApiServer({
    service: acrossHosts(context, await context.stayConnected()),
    token,
    log: { error: report, warn: report, info: () => undefined, debug: () => undefined },
    onStop: () => void context.stopHost().catch((error: unknown) => report('The job host did not stop', error)),
    onConnectionsChanged: () => undefined,
    timeLimits: loopbackTimeLimits,
  });
  const url = await listenOnLoopback(server.http, address, port);
  await answer(context, { json }, { url, token, pid: process.pid }, () => {
    return `Serving ${url} until Ctrl+C\nToken: ${path === undefined ? token : `in ${path}`}`;
  });
  if (!interruption.signal.aborted) await once(interruption.signal, 'abort');
  await server.close(finishMs);
}

/** The service with an event stream that continues with the next job host; the other calls find it by themselves. */
function acrossHosts(context: Context, service: JobService): JobService {
  const events: JobService['events'] = ({ since, job, progress }, signal) =>
    context.events(definedOnly({ since: since === undefined ? undefined : Number(since), job, progress }), signal);
  return new Proxy(service, {
    get(target, name): unknown {
      if (name === 'events') return events;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Reads the token from a file that only this user can read, and creates the file with a new token if it does not exist.
 * @throws BgJobsError `invalid_request` for a file that is not private, holds no token or cannot be read or created
 */
function readTokenFile(path: string, uid: number | undefined): string {
  const unusable = (why: string) => usageError(`The token file ${path} cannot be used: ${why}`);
  try {
    writeFileSync(path, `${newToken()}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable((error as Error).message);
  }
  let token, stat;
  try {
    token = readFileSync(path, 'utf8').trim();
    stat = statSync(path);
  } catch (error) {
    throw unusable((error as Error).message);
  }
  if (uid !== undefined && (stat.uid !== uid || (stat.mode & 0o077) !== 0)) {
    throw unusable('other users can read or change it. Make it private with chmod 600.');
  }
  if (!/^[\w.~+/=-]{16,}$/.test(token)) throw unusable('it must contain a token of at least 16 letters and digits');
  return token;
}

/** cli/entry serves already what it understands; this is for all other spellings, and for the help. */
export function addMcp(program: Command): void {
  program
    .command('mcp')
    .summary('serve the tools to an agent by MCP over stdin and stdout')
    .description(
      'Serve the job tools to an agent by the Model Context Protocol (MCP) over stdin and stdout, until stdin closes. ' +
        'An agent runs this command; name it in the configuration of the agent.',
    )
    .addOption(sessionOption('session of the jobs (default $BGJOBS_SESSION or the name of the folder)'))
    .addOption(offering('folders', '--cwd <folder>', 'working directory of the jobs (default the current one)'))
    .addHelpText('after', mcpHelp)
    .action(async (options: McpOptions) => {
      const { cwd } = options;
      if (cwd !== undefined && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
        throw usageError(
          `--cwd: "${cwd}" is not a folder. Create it, or give the folder in which the jobs should run.`,
        );
      }
      return ((await import(mcpBundle())) as McpOnStdio).serveMcp(options);
    });
}

interface McpOptions {
  session?: string;
  cwd?: string;
}

/** The part of `agents/mcp/main.ts` that is used here. */
export interface McpOnStdio {
  serveMcp: (options: McpOptions) => Promise<void>;
}

const mcpHelp = `
Example, for an agent that reads .mcp.json:
  {"mcpServers": {"background-jobs": {"command": "bgjobs", "args": ["mcp"]}}}
`;
