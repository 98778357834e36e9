/**
 * `extension/starting` starts things: the commands that begin with a choice, and tasks. It is a bundle of its own with
 * `start` and `tasks`, because the schemas of a start are half of it. `app` loads it on demand.
 */

import type { StartCommandName } from '../base/ids.ts';
import type { Handler } from '../commands/app.ts';
import * as composeCommands from './composeCommands.ts';
import * as startableCommands from './startableCommands.ts';
import * as startCommands from './startCommands.ts';

export { StartablesTree } from '../start/startablesTree.ts';
export { JobTaskProvider } from '../tasks/taskProvider.ts';
export { TaskRunner } from '../tasks/taskRunner.ts';

/** What each of these commands does. */
export const handlers: Readonly<Record<StartCommandName, Handler>> = {
  ...startableCommands,
  ...composeCommands,
  ...startCommands,
};
