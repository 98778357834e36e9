import type { CommandName } from '../base/ids.ts';
import type { Handler } from './app.ts';
import * as agentCommands from './agentCommands.ts';
import * as hostCommands from './hostCommands.ts';
import * as jobCommands from './jobCommands.ts';
import * as processCommands from './processCommands.ts';
import * as queueCommands from './queueCommands.ts';
import * as startCommands from './startCommands.ts';
import * as terminalCommands from './terminalCommands.ts';

export { JobTaskProvider } from '../tasks/taskProvider.ts';
export { TaskRunner } from '../tasks/taskRunner.ts';

/** What each command does. */
export const handlers: Readonly<Record<CommandName, Handler>> = {
  ...agentCommands,
  ...hostCommands,
  ...jobCommands,
  ...processCommands,
  ...queueCommands,
  ...startCommands,
  ...terminalCommands,
};
