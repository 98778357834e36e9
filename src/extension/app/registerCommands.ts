import * as vscode from 'vscode';
import { commands, type CommandId } from '../base/ids.ts';
import { onDemand } from './onDemand.ts';
import type { App } from '../commands/app.ts';
import { tellFailure } from '../base/showFailure.ts';

/** Each command answers with what came of it; a failure is told to the person and answers with undefined. */
export function registerCommands(app: App): vscode.Disposable {
  const registered = Object.values(commands).map((command: CommandId) =>
    vscode.commands.registerCommand(command, async (...args: unknown[]) => {
      try {
        return await onDemand().handlers[command](app, args);
      } catch (error) {
        return tellFailure(error, command, args);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
