import type * as vscode from 'vscode';
import type { Connection } from '../host/hostConnection.ts';
import type { DoctorChannel } from '../output/doctorChannel.ts';
import type { JobModel } from '../model/jobModel.ts';
import type { Muted } from '../notify/muted.ts';
import type { Notifications } from '../notify/notifications.ts';
import type { JobChannels } from '../output/jobChannels.ts';
import type { QueueWatch } from '../host/queueWatch.ts';
import type { LastCommands } from '../terminal/lastCommands.ts';
import type { TaskRunner } from '../tasks/taskRunner.ts';
import type { Node } from '../view/nodes.ts';

/** What commands work with. */
export interface App {
  readonly context: vscode.ExtensionContext;
  /** Where the jobs lie. */
  readonly home: string;
  readonly connection: Connection;
  readonly model: JobModel;
  readonly queue: QueueWatch;
  readonly muted: Muted;
  readonly notifications: Notifications;
  readonly channels: JobChannels;
  readonly tasks: TaskRunner;
  readonly doctor: DoctorChannel;
  /** Of the terminals of this window. */
  readonly lastCommands: LastCommands;
  /** Of the jobs that this window starts. */
  readonly session: () => string;
  /** In the tree. */
  readonly selection: () => readonly Node[];
  /** Shows a job in the tree, as soon as it is there. */
  readonly reveal: (jobId: string) => Promise<void>;
}

/** `args` are what the palette (none), a menu of the tree (an item and the selection) or a caller by id has given. */
export type Handler = (app: App, args: unknown[]) => Promise<unknown>;
