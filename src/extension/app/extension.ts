/**
 * `extension/app` is the activation of the extension: it builds the services of the window and registers commands,
 * tasks, tools and views. No other room imports it. The rooms of the extension, from the bottom: `base`, `model`,
 * `host`, `view`, `notify`, `output`, `terminal`, `problems`, `definitions`, `tasks`, `start`, `agents`, `commands`,
 * `starting`, `app`; each may import those below it.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { createClient } from '../../client/apiClient.ts';
import { resolveHome } from '../../dataDir/dataDir.ts';
import { offerMcpServer, registerTools } from '../agents/editorTool.ts';
import type { App, Handler } from '../commands/app.ts';
import { ArrayWatch } from '../host/arrayWatch.ts';
import { Connection, greetHosts } from '../host/hostConnection.ts';
import { HostAccess, loadBundle } from '../host/hostAccess.ts';
import { FoundJobs } from '../host/foundJobs.ts';
import { JobModel } from '../model/jobModel.ts';
import { LastLook } from '../model/lastLook.ts';
import { createMarks } from '../model/markedJobs.ts';
import { Notifications } from '../notify/notifications.ts';
import { JobChannels } from '../output/jobChannels.ts';
import { linkFiles } from '../output/documentLinks.ts';
import { LogDocuments } from '../output/logDocuments.ts';
import { JobProblems } from '../problems/jobProblems.ts';
import { OutputFollower } from '../output/outputFollower.ts';
import { QueueWatch } from '../host/queueWatch.ts';
import { windowSession } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { hostMode } from '../base/settings.ts';
import type * as Pages from '../page/main.ts';
import type { JobPages } from '../page/main.ts';
import type { TaskRunner } from '../tasks/taskRunner.ts';
import type { AttachedTerminals } from '../terminal/attachedTerminals.ts';
import type * as Terminals from '../terminal/attachedTerminals.ts';
import type { NewFollower } from '../terminal/jobTerminal.ts';
import { LastCommands } from '../terminal/lastCommands.ts';
import { putOnTerminalPath } from '../terminal/terminalPath.ts';
import { focusedRows } from '../view/focusedRows.ts';
import { JobView } from '../view/jobView.ts';
import { RowsInSight } from '../view/rowsInSight.ts';
import {
  commandNames,
  commands,
  type CommandName,
  isStartCommand,
  jobPage,
  storageKeys,
  taskType,
  timelinePage,
} from '../base/ids.ts';
import { LastJobsWatch } from './lastJobsWatch.ts';
import { registerLenses, registerStartables } from './startables.ts';
import { tellFailure } from '../base/showFailure.ts';
import { commandsBundle, pagesBundle, startBundle, terminalsBundle } from '../../bundles.ts';
import type * as Commands from '../commands/main.ts';
import type * as Starting from '../starting/main.ts';

/** What tests look at. */
export type Extension = Pick<App, 'model' | 'connection' | 'queue' | 'found' | 'lastCommands'> & { view: JobView };

export function activate(context: vscode.ExtensionContext): Extension {
  const home = resolveHome(process.env);
  const session = (): string => windowSession((vscode.workspace.workspaceFolders ?? []).map(({ name }) => name));
  const acting = createClient({ start: true, home });
  const watching = createClient({ start: false, home });
  const access = new HostAccess(acting);
  const model = new JobModel((name, cursor, limit) =>
    watching.listJobs({ session: name, order: 'ended', limit, ...(cursor === null ? {} : { cursor }) }),
  );
  const lastLook = new LastLook(context.workspaceState);
  const connection = new Connection({
    home,
    watching,
    acting,
    model,
    lookedAt: () => lastLook.before,
    openHost: access.open,
    takesOver: () => hostMode() === 'extensionHost',
  });
  const marks = createMarks(context.workspaceState);
  const queue = new QueueWatch(connection, model);
  const channels = new JobChannels(() => connection.service, model);
  const logs = new LogDocuments(() => connection.need());
  const arrays = new ArrayWatch(connection, model);
  const found = new FoundJobs(connection, model, session);
  const view = new JobView({ model, connection, queue, arrays, found, ...marks, lastLook, session });
  const rows = new RowsInSight(view.view, model, found);
  const notifications = new Notifications({
    model,
    connection,
    ...marks,
    session,
    isInSight: (job) => rows.include(job) || channels.isInSight(job.id),
  });
  const newFollower: NewFollower = (options) => new OutputFollower(options);
  const problems = new JobProblems({ model, connection, session, newFollower, state: context.workspaceState });
  const lastCommands = new LastCommands();
  const lastJobs = new LastJobsWatch(connection, model);
  const startables = registerStartables(lastJobs, context.workspaceState);
  let runner: TaskRunner | undefined;
  const tasks = (): TaskRunner =>
    (runner ??= new (starting().TaskRunner)({
      state: context.workspaceState,
      connection,
      model,
      session,
      newFollower,
    }));
  let opened: AttachedTerminals | undefined;
  const terminals = (): AttachedTerminals =>
    (opened ??= new (loadBundle(terminalsBundle) as typeof Terminals).AttachedTerminals({
      state: context.workspaceState,
      connection,
      model,
      newFollower,
    }));
  let shown: JobPages | undefined;
  const pages = (): JobPages =>
    (shown ??= new (loadBundle(pagesBundle) as typeof Pages).JobPages({
      extensionUri: context.extensionUri,
      connection,
      model,
    }));
  const app: App = {
    context,
    home,
    connection,
    model,
    queue,
    arrays,
    found,
    ...marks,
    notifications,
    channels,
    problems,
    get tasks() {
      return tasks();
    },
    lastCommands,
    get terminals() {
      return terminals();
    },
    startables,
    get pages() {
      return pages();
    },
    session,
    selection: () => view.view.selection,
    focused: () => focusedRows(view.view),
    reveal: (jobId) => view.reveal(jobId),
    showStarted: (jobId) => view.reveal(jobId, false),
    markSeen: () => view.markSeen(),
  };
  context.subscriptions.push(
    { dispose: () => access.dispose() },
    connection,
    queue,
    arrays,
    found,
    notifications,
    channels,
    logs,
    problems,
    linkFiles(async (document) => channels.folderOf(document) ?? (await logs.folderOf(document))),
    lastCommands,
    view,
    rows,
    startables,
    lastJobs,
    registerLenses(lastJobs, vscode.Uri.joinPath(context.extensionUri, 'media')),
    greetHosts(connection, context.globalState),
    registerCommands(app),
    registerTools(app),
    registerTasks(tasks),
    { dispose: () => runner?.dispose() },
    { dispose: () => opened?.dispose() },
    ...[jobPage, timelinePage].map((type) =>
      vscode.window.registerWebviewPanelSerializer(type, {
        deserializeWebviewPanel: (panel, state) => Promise.resolve(pages().restore(panel, state)),
      }),
    ),
    offerMcpServer(context, session),
  );
  if (context.workspaceState.get<string[]>(storageKeys.terminals, []).length > 0) void terminals().restore();
  void putOnTerminalPath(context, session(), t);
  // Existing jobs may be running and need a host. Where there are none, no host is started.
  if (existsSync(join(home, 'jobs.db'))) connection.need().catch(() => undefined);
  return { model, connection, queue, found, view, lastCommands };
}

/** Each command returns its result. A failure is shown to the user, and the command returns undefined. */
function registerCommands(app: App): vscode.Disposable {
  const registered = commandNames.map((name) =>
    vscode.commands.registerCommand(commands[name], async (...args: unknown[]) => {
      try {
        return await handlerOf(name)(app, args);
      } catch (error) {
        return tellFailure(error, commands[name], args);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

/** The code of commands is loaded when it is first needed, so that a window opens faster. */
function handlerOf(name: CommandName): Handler {
  if (isStartCommand(name)) return starting().handlers[name];
  return (loadBundle(commandsBundle) as typeof Commands).handlers[name];
}

/** The code of what starts jobs and tasks. */
function starting(): typeof Starting {
  return loadBundle(startBundle) as typeof Starting;
}

/** The task type whose tasks are jobs. */
function registerTasks(runner: () => TaskRunner): vscode.Disposable {
  const provider = (): vscode.TaskProvider => new (starting().JobTaskProvider)(runner());
  return vscode.tasks.registerTaskProvider(taskType, {
    provideTasks: (token) => provider().provideTasks(token),
    resolveTask: (task, token) => provider().resolveTask(task, token),
  });
}
