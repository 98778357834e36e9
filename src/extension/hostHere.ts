import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as HostMain from '../host/main.ts';

/**
 * Runs the job host in this extension host, from the bundle that the host process runs too.
 * @param distribution the folder of the bundles
 * @returns what lets go of it, its jobs run on; undefined when another host serves
 */
export async function hostHere(distribution: string): Promise<(() => Promise<void>) | undefined> {
  const load = createRequire(join(distribution, 'extension.js'));
  const library = load('./host.js') as typeof HostMain;
  const host = await library.startHostHere(process.env);
  return host && (() => host.close('the window is closing'));
}
