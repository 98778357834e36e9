import type { ApiClient } from '../../client/apiClient.ts';
import { hostHere } from './hostHere.ts';
import type { HostMode } from '../base/settings.ts';

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
