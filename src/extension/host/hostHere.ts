import { hostScript } from '../../bundles.ts';
import type * as HostMain from '../../host/main.ts';
import { loadBundle } from '../base/loadBundle.ts';

/**
 * Runs the job host in this extension host, from the bundle that the host process runs too.
 * @returns what lets go of it, its jobs run on; undefined when another host serves
 */
export async function hostHere(): Promise<(() => Promise<void>) | undefined> {
  const { startHostHere } = loadBundle(hostScript) as typeof HostMain;
  const host = await startHostHere(process.env);
  return host && (() => host.close('the window is closing'));
}
