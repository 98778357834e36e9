import { join } from 'node:path';
import { pinnedNode, top } from '../../scripts/editor/places.ts';
import { createClient, type ApiClient } from '../../src/client/apiClient.ts';

/** Another client of the jobs that the editor under test shows. The caller disposes it. */
export function storeOf({ home }: { home: string }): ApiClient {
  return createClient({ home, start: true, execPath: pinnedNode, script: join(top, 'dist', 'host.js') });
}
