import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { JobService } from '../../api/endpoints.ts';
import { answer, note } from '../base/context.ts';
import type { Context } from '../base/context.ts';
import { usageError } from '../base/cliFailure.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { Interruption } from '../base/interruption.ts';
import { parseCount } from '../options/parse.ts';
import { newToken, readTokenFile } from '../options/tokenFile.ts';

/** How long answers that are under way may take at the end. */
const finishMs = 2000;

interface Options {
  port: number;
  host: string;
  tokenFile?: string;
  json?: boolean;
}

export function addServe(program: Command, context: Context): void {
  program
    .command('serve')
    .summary('serve the HTTP API on a port of this machine')
    .description(
      'Serve the HTTP API of the job host on a TCP port that only this machine can reach, until Ctrl+C. Every request ' +
        'needs the token that is printed, as "Authorization: Bearer TOKEN". Jobs do not depend on it.',
    )
    .option('--port <number>', 'the port; 0 for one that is free', parseCount, 0)
    .option('--host <address>', '127.0.0.1, ::1 or localhost', '127.0.0.1')
    .option('--token-file <path>', 'keep the token in this file, made when it is not there (a new token each time)')
    .option('--json', 'print {url, token, pid}')
    .action((options: Options) => serve(context, options));
}

async function serve(context: Context, { port, host, tokenFile, json = false }: Options): Promise<void> {
  using interruption = new Interruption();
  const { ApiServer, listenOnLoopback, loopbackAddress, loopbackTimeLimits } = await import('../../http/loopback.ts');
  const address = loopbackAddress(host);
  if (port > 65_535) throw usageError(`There is no port ${port}: they end at 65535.`);
  const path = tokenFile === undefined ? undefined : resolve(context.cwd, tokenFile);
  const token = path === undefined ? newToken() : readTokenFile(path, process.getuid?.());
  const report = (message: string, error?: unknown): void => void note(context, described(message, error));
  const server = new ApiServer({
    service: steady(context, await context.connect()),
    token,
    log: { error: report, warn: report, info: () => undefined, debug: () => undefined },
    onStop: () => void context.stopHost().catch((error: unknown) => report('the job host does not leave', error)),
    onConnectionsChanged: () => undefined,
    timeLimits: loopbackTimeLimits,
  });
  const url = await listenOnLoopback(server.http, address, port);
  await answer(context, { json }, { url, token, pid: process.pid }, () => {
    return `Serving ${url} until Ctrl+C\nToken: ${path === undefined ? token : `in ${path}`}`;
  });
  await interrupted(interruption.signal);
  await server.close(finishMs);
}

/** Events go on with the next job host when one leaves. Everything else finds it by itself. */
function steady(context: Context, service: JobService): JobService {
  const events: JobService['events'] = ({ since, job }, signal) =>
    context.events(definedOnly({ since: since === undefined ? undefined : Number(since), job }), signal);
  return new Proxy(service, {
    get(target, name): unknown {
      if (name === 'events') return events;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}

function described(message: string, error: unknown): string {
  return error instanceof Error ? `${message}: ${error.stack ?? error.message}` : message;
}
