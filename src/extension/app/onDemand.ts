import { commandsBundle } from '../../bundles.ts';
import type * as Commands from '../commands/main.ts';
import { loadBundle } from '../base/loadBundle.ts';

/** What commands and tasks do, loaded when the first of them is asked for: a window that opens need not wait for it. */
export function onDemand(): typeof Commands {
  return loadBundle(commandsBundle) as typeof Commands;
}
