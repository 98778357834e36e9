import type { ApiClient } from '../client/apiClient.ts';
import { resolveHome } from '../home/home.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { Context } from './context.ts';

/**
 * The world of this process. What talks to the job host is loaded with the first need, so that help and wrong usage are
 * said at once.
 */
export class ProcessContext implements Context {
  readonly env = process.env;
  readonly cwd = process.cwd();
  readonly stdout = process.stdout;
  readonly stderr = process.stderr;
  exitCode = 0;
  #client: Promise<ApiClient> | undefined;

  /** Opened with the first use. */
  get stdin(): NodeJS.ReadStream {
    return process.stdin;
  }

  connect(): Promise<ApiClient> {
    this.#client ??= import('../client/connect.ts').then(({ connect }) => connect({ start: true }));
    return this.#client;
  }

  async *events(query: { since?: number; job?: string }, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const client = await this.connect();
    const { followEvents } = await import('../client/eventStream.ts');
    const home = resolveHome(this.env);
    yield* followEvents(client, { ...query, home, start: true }, signal);
  }

  async hostStatus() {
    return (await import('../client/hostControl.ts')).hostStatus();
  }

  async stopHost() {
    return (await import('../client/hostControl.ts')).stopHost();
  }

  /** Lets go of the job host, so that this process can end. */
  async dispose(): Promise<void> {
    (await this.#client?.catch(() => undefined))?.dispose();
  }
}
