import { resolveHome } from '../../dataDir/dataDir.ts';
import { packageVersion } from '../../bundles.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { JobEvent } from '../../api/events.ts';
import type { ApiClient } from '../../client/apiClient.ts';
import type { Context, EventsOptions } from '../base/context.ts';
import { runCli } from './program.ts';

async function main(): Promise<void> {
  const context = new ProcessContext();
  process.exitCode = await runCli(context, packageVersion(), process.argv.slice(2));
  await context.dispose();
  // The streams report failed writes before that.
  setImmediate(() => {
    // Node takes a millisecond to end by itself when nothing is left to do.
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
  });
}

/** The context of this process. The client is loaded on first use, so that help and usage errors appear at once. */
class ProcessContext implements Context {
  readonly env = process.env;
  readonly stdout = process.stdout;
  readonly stderr = process.stderr;
  exitCode = 0;
  #client: Promise<ApiClient> | undefined;

  /** Read on first use: most verbs do not need it, and they must work in a folder that was removed. */
  get cwd(): string {
    try {
      return process.cwd();
    } catch {
      throw new BgJobsError('cwd_not_found', 'The current directory no longer exists. Change to another directory.');
    }
  }

  /** Opened on first use. */
  get stdin(): NodeJS.ReadStream {
    return process.stdin;
  }

  connect(start = true): Promise<ApiClient> {
    this.#client ??= import('../../client/apiClient.ts').then(({ createClient }) =>
      createClient({ start, trustRecord: true }),
    );
    return this.#client;
  }

  stayConnected(): Promise<ApiClient> {
    this.#client ??= import('../../client/apiClient.ts').then(({ connect }) => connect({ start: true }));
    return this.#client;
  }

  async *events(query: EventsOptions, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const client = await this.connect();
    const { followEvents } = await import('../../client/eventStream.ts');
    const home = resolveHome(this.env);
    yield* followEvents(client, { ...query, home, start: true }, signal);
  }

  async hostStatus() {
    return (await import('../../client/hostControl.ts')).hostStatus();
  }

  async stopHost() {
    return (await import('../../client/hostControl.ts')).stopHost();
  }

  /** Closes the connection to the job host, so that this process can exit. */
  async dispose(): Promise<void> {
    (await this.#client?.catch(() => undefined))?.dispose();
  }
}

void main();
