import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { isWaiting } from '../../api/values.ts';
import { commandText } from '../../text/grammar.ts';
import { views } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import type { Connection } from '../host/hostConnection.ts';
import type { QueueWatch } from '../host/queueWatch.ts';
import { droppedAt } from '../model/dropping.ts';
import { hasPlace } from '../model/groups.ts';
import type { JobModel } from '../model/jobModel.ts';
import type { Node } from './nodes.ts';

const ofTree = `application/vnd.code.tree.${views.jobs.toLowerCase()}`;

interface Parts {
  model: JobModel;
  connection: Pick<Connection, 'need'>;
  queue: Pick<QueueWatch, 'take'>;
  /** Says why something could not be moved. */
  tell: (error: unknown) => void;
}

/**
 * Waiting jobs are dragged to another place in the queue of their session, or into another session. In an editor or a terminal
 * their commands arrive.
 */
export class DragJobs implements vscode.TreeDragAndDropController<Node> {
  readonly dragMimeTypes = ['text/plain'];
  readonly dropMimeTypes = [ofTree];
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  handleDrag(source: readonly Node[], data: vscode.DataTransfer): void {
    const jobs = this.#jobs(source.flatMap((node) => (node.type === 'job' ? node.id : [])));
    if (jobs.length === 0) return;
    data.set(ofTree, new vscode.DataTransferItem(jobs.map(({ id }) => id)));
    data.set('text/plain', new vscode.DataTransferItem(jobs.map(commandText).join('\n')));
  }

  async handleDrop(target: Node | undefined, data: vscode.DataTransfer): Promise<void> {
    const ids: unknown = data.get(ofTree)?.value;
    if (!target || !Array.isArray(ids)) return;
    const onto = target.type === 'job' ? this.#parts.model.job(target.id) : undefined;
    const session = 'session' in target ? target.session : onto?.session;
    const jobs = this.#jobs(ids as string[]).filter(({ task }) => !task);
    if (session === undefined || jobs.length === 0) return;
    try {
      const service = await this.#parts.connection.need();
      await moveToSession(service, jobs, session);
      if (onto && hasPlace(onto)) await moveInQueue(service, jobs, onto);
      this.#parts.queue.take(await service.getQueue());
    } catch (error) {
      this.#parts.tell(error);
    }
  }

  #jobs(ids: readonly string[]): Job[] {
    return ids.flatMap((id) => this.#parts.model.job(id) ?? []);
  }
}

/** What runs has a slot of its session, and what has ended is told by the session that it ran in: both stay. */
async function moveToSession(service: JobService, jobs: readonly Job[], session: string): Promise<void> {
  const others = jobs.filter((job) => job.session !== session);
  const movable = others.filter(({ status, array }) => isWaiting(status) && !array);
  for (const { id } of movable) await service.updateJob(id, { session });
  if (movable.length === others.length) return;
  const text = t('Only waiting jobs can be moved to another session, and no arrays.');
  void vscode.window.showInformationMessage(withoutLinks(text));
}

/** They take the place of the one that they were dropped on. */
async function moveInQueue(service: JobService, jobs: readonly Job[], onto: Job): Promise<void> {
  const { jobs: queue } = await service.getQueue();
  const order = queue.filter((job) => job.session === onto.session && hasPlace(job)).map(({ id }) => id);
  const selected = order.filter((id) => jobs.some((job) => job.id === id));
  const before = droppedAt(order, selected, onto.id);
  for (const id of selected) await service.moveJob(id, before === undefined ? { to: 'last' } : { before });
}
