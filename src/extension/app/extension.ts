/**
 * `extension/app` is the activation of the extension: it builds the services of the window and registers commands,
 * tasks, tools and views. No other room imports it. The rooms of the extension, from the bottom: `base`, `model`,
 * `host`, `view`, `notify`, `output`, `terminal`, `problems`, `definitions`, `tasks`, `start`, `agents`, `commands`,
 * `app`; each may import those below it.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { createClient } from '../../client/apiClient.ts';
import { resolveHome } from '../../dataDir/dataDir.ts';
import { offerMcpServer, registerTools } from '../agents/editorTool.ts';
import type { App } from '../commands/app.ts';
import { ArrayWatch } from '../host/arrayWatch.ts';
import { Connection, greetHosts } from '../host/hostConnection.ts';
import { HostAccess, loadBundle } from '../host/hostAccess.ts';
import { JobModel } from '../model/jobModel.ts';
import { Muted } from '../model/muted.ts';
import { Notifications } from '../notify/notifications.ts';
import { JobChannels } from '../output/jobChannels.ts';
import { OutputFollower } from '../output/outputFollower.ts';
import { QueueWatch } from '../host/queueWatch.ts';
import { windowSession } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { hostMode } from '../base/settings.ts';
import type { TaskRunner } from '../tasks/taskRunner.ts';
import { LastCommands } from '../terminal/lastCommands.ts';
import { putOnTerminalPath } from '../terminal/terminalPath.ts';
import { JobView } from '../view/jobView.ts';
import { commands, type CommandName, taskType } from '../base/ids.ts';
import { tellFailure } from '../base/showFailure.ts';
import { commandsBundle } from '../../bundles.ts';
import type * as Commands from '../commands/main.ts';

/** What tests look at. */
export type Extension = Pick<App, 'model' | 'connection' | 'queue' | 'lastCommands'> & { view: JobView };

export function activate(context: vscode.ExtensionContext): Extension {
  const home = resolveHome(process.env);
  const session = (): string => windowSession((vscode.workspace.workspaceFolders ?? []).map(({ name }) => name));
  const acting = createClient({ start: true, home });
  const watching = createClient({ start: false, home });
  const access = new HostAccess(acting);
  const model = new JobModel((name, cursor, limit) =>
    watching.listJobs({ session: name, status: 'finished', limit, ...(cursor === null ? {} : { cursor }) }),
  );
  const connection = new Connection({
    home,
    watching,
    acting,
    model,
    openHost: access.open,
    takesOver: () => hostMode() === 'extensionHost',
  });
  const muted = new Muted(context.workspaceState);
  const notifications = new Notifications(model, muted, session);
  const queue = new QueueWatch(connection, model);
  const channels = new JobChannels(() => connection.service, model);
  const arrays = new ArrayWatch(connection, model);
  const view = new JobView({ model, connection, queue, arrays, muted, session });
  const lastCommands = new LastCommands();
  let runner: TaskRunner | undefined;
  const tasks = (): TaskRunner =>
    (runner ??= new (onDemand().TaskRunner)({
      state: context.workspaceState,
      connection,
      model,
      session,
      newFollower: (options) => new OutputFollower(options),
    }));
  const app: App = {
    context,
    home,
    connection,
    model,
    queue,
    arrays,
    muted,
    notifications,
    channels,
    get tasks() {
      return tasks();
    },
    lastCommands,
    session,
    selection: () => view.view.selection,
    reveal: (jobId) => view.reveal(jobId),
  };
  context.subscriptions.push(
    { dispose: () => access.dispose() },
    connection,
    queue,
    arrays,
    notifications,
    channels,
    lastCommands,
    view,
    greetHosts(connection, context.globalState),
    registerCommands(app),
    registerTools(app),
    registerTasks(tasks),
    { dispose: () => runner?.dispose() },
    offerMcpServer(context, session),
  );
  void putOnTerminalPath(context, session(), t);
  // Existing jobs may be running and need a host. Where there are none, no host is started.
  if (existsSync(join(home, 'jobs.db'))) connection.need().catch(() => undefined);
  return { model, connection, queue, view, lastCommands };
}

/** Each command returns its result. A failure is shown to the user, and the command returns undefined. */
function registerCommands(app: App): vscode.Disposable {
  const names = Object.keys(commands) as CommandName[];
  const registered = names.map((name) =>
    vscode.commands.registerCommand(commands[name], async (...args: unknown[]) => {
      try {
        return await onDemand().handlers[name](app, args);
      } catch (error) {
        return tellFailure(error, commands[name], args);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

/** Loads the code of commands and tasks when it is first needed, so that a window opens faster. */
function onDemand(): typeof Commands {
  return loadBundle(commandsBundle) as typeof Commands;
}

/** The task type whose tasks are jobs. */
function registerTasks(runner: () => TaskRunner): vscode.Disposable {
  const provider = (): vscode.TaskProvider => new (onDemand().JobTaskProvider)(runner());
  return vscode.tasks.registerTaskProvider(taskType, {
    provideTasks: (token) => provider().provideTasks(token),
    resolveTask: (task, token) => provider().resolveTask(task, token),
  });
}
