import type { ApiClient } from '../../client/apiClient.ts';
import type { HostMode } from '../base/settings.ts';
import { hostScript } from '../../bundles.ts';
import { loadBundle } from '../base/loadBundle.ts';

/**
 * The part of `host/main.ts` that is used here. Importing its type would make all of the engine's files part of ours.
 */
export interface HostBundle {
  startHostHere: (env: NodeJS.ProcessEnv) => Promise<{ close: (reason: string) => Promise<unknown> } | undefined>;
}

/** Makes sure that a host serves the data directory, in the process that the setting names. */
export class HostAccess {
  readonly #client: ApiClient;
  readonly #mode: () => HostMode;
  #leave: (() => Promise<unknown>) | null = null;

  constructor(client: ApiClient, mode: () => HostMode) {
    this.#client = client;
    this.#mode = mode;
  }

  /** @throws BgJobsError `host_unreachable` */
  readonly open = async (): Promise<void> => {
    if (this.#mode() === 'extensionHost') this.#leave = (await hostHere()) ?? this.#leave;
    await this.#client.open();
  };

  async dispose(): Promise<void> {
    await this.#leave?.();
  }
}

/**
 * Runs the job host in this extension host, from the bundle that the host process runs too.
 * @returns a function that closes it while its jobs keep running; undefined when another host serves
 */
async function hostHere(): Promise<(() => Promise<unknown>) | undefined> {
  const { startHostHere } = loadBundle(hostScript) as HostBundle;
  const host = await startHostHere(process.env);
  return host && (() => host.close('the window is closing'));
}
