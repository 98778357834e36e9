import { createRequire } from 'node:module';
import { hostScript } from '../../bundles.ts';
import type { ApiClient } from '../../client/apiClient.ts';
import { hostMode } from '../base/settings.ts';

/**
 * The part of `host/main.ts` that is used here. Importing its type would make all of the engine's files part of ours.
 */
export interface HostBundle {
  startHostHere: (env: NodeJS.ProcessEnv) => Promise<{ close: (reason: string) => Promise<unknown> } | undefined>;
}

/** Makes sure that a host serves the data directory, in the process that the setting names. */
export class HostAccess {
  readonly #client: ApiClient;
  #own: Awaited<ReturnType<HostBundle['startHostHere']>>;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** @throws BgJobsError `host_unreachable` */
  readonly open = async (): Promise<void> => {
    if (hostMode() === 'extensionHost') {
      const { startHostHere } = loadBundle(hostScript) as HostBundle;
      // Undefined when another host serves.
      this.#own = (await startHostHere(process.env)) ?? this.#own;
    }
    await this.#client.open();
  };

  /** Closes the host of this window; its jobs keep running. */
  async dispose(): Promise<void> {
    await this.#own?.close('the window is closing');
  }
}

/** By the editor's own `require`, which knows `vscode`. @param path of a bundle of ours */
export function loadBundle(path: string): unknown {
  return createRequire(path)(path);
}
