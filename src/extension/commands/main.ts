import type { CommandName, StartCommandName } from '../base/ids.ts';
import type { Handler } from './app.ts';
import * as agentCommands from './agentCommands.ts';
import * as failureCommands from './failureCommands.ts';
import * as findCommands from './findCommands.ts';
import * as groupCommands from './groupCommands.ts';
import * as hostCommands from './hostCommands.ts';
import * as jobCommands from './jobCommands.ts';
import * as logCommands from './logCommands.ts';
import * as processCommands from './processCommands.ts';
import * as queueCommands from './queueCommands.ts';
import * as terminalCommands from './terminalCommands.ts';

/** What each command does, but for those that start something. */
export const handlers: Readonly<Record<Exclude<CommandName, StartCommandName>, Handler>> = {
  ...agentCommands,
  ...failureCommands,
  ...findCommands,
  ...groupCommands,
  ...hostCommands,
  ...jobCommands,
  ...logCommands,
  ...processCommands,
  ...queueCommands,
  ...terminalCommands,
};
