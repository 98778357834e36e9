import type { ApiClient } from '../../client/apiClient.ts';
import type { HostMode } from '../base/settings.ts';
import { hostScript } from '../../bundles.ts';
import type * as HostMain from '../../host/main.ts';
import { loadBundle } from '../base/loadBundle.ts';

/** Makes sure that a host serves the home, in the place that the setting says. */
export class HostAccess {
  readonly #client: ApiClient;
  readonly #mode: () => HostMode;
  #leave: (() => Promise<void>) | null = null;

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
 * @returns what lets go of it, its jobs run on; undefined when another host serves
 */
export async function hostHere(): Promise<(() => Promise<void>) | undefined> {
  const { startHostHere } = loadBundle(hostScript) as typeof HostMain;
  const host = await startHostHere(process.env);
  return host && (() => host.close('the window is closing'));
}
