import type { ApiClient } from '../../client/apiClient.ts';
import { resolveHome } from '../../dataDir/dataDir.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { JobEvent } from '../../api/events.ts';
import type { Context } from '../base/context.ts';

/**
 * The world of this process. What talks to the job host is loaded with the first need, so that help and wrong usage are
 * said at once.
 */
export class ProcessContext implements Context {
  readonly env = process.env;
  readonly stdout = process.stdout;
  readonly stderr = process.stderr;
  exitCode = 0;
  #client: Promise<ApiClient> | undefined;

  /** Asked for with the first use: most verbs need none, and may run where the folder has been removed. */
  get cwd(): string {
    try {
      return process.cwd();
    } catch {
      throw new BgJobsError('cwd_not_found', 'The working directory of this command was removed. Go to another one.');
    }
  }

  /** Opened with the first use. */
  get stdin(): NodeJS.ReadStream {
    return process.stdin;
  }

  connect(): Promise<ApiClient> {
    this.#client ??= import('../../client/connect.ts').then(({ connect }) => connect({ start: true }));
    return this.#client;
  }

  async *events(query: { since?: number; job?: string }, signal: AbortSignal): AsyncGenerator<JobEvent> {
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

  /** Lets go of the job host, so that this process can end. */
  async dispose(): Promise<void> {
    (await this.#client?.catch(() => undefined))?.dispose();
  }
}
