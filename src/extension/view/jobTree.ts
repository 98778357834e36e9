import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { agentOutcome } from '../../text/agentOutcome.ts';
import { jobTitle, oneLine, shorten } from '../../text/grammar.ts';
import { editorWording, type Wording } from '../../text/stateText.ts';
import { commands, type ItemFlag } from '../base/ids.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { groupKinds, groupOf, type GroupKind } from '../model/groups.ts';
import type { JobModel, ModelChange } from '../model/jobModel.ts';
import type { Muted } from '../model/muted.ts';
import {
  countsDown,
  jobAccessibleLabel,
  jobDescription,
  jobFlags,
  jobIcon,
  jobTooltip,
  namesIn,
  relationsOf,
} from './jobItem.ts';

/** How long a row keeps its tooltip open: a redraw would close it. */
const readingMs = 15_000;

export interface TreeParts {
  model: JobModel;
  connection: ServiceSource;
  queue: { isPaused(session: string): boolean };
  arrays: { tasks(array: string): Promise<{ tasks: Job[]; more: boolean }> };
  muted: Muted;
  /** The session of this window. */
  session: () => string;
}

type SessionNode = Readonly<{ type: 'session'; id: string; session: string }>;
/** The item that loads more of a group has the type `more`. */
type GroupNode = Readonly<{ type: 'group' | 'more'; id: string; session: string; kind: GroupKind }>;
type JobNode = Readonly<{ type: 'job'; id: string }>;
/** The item that loads more tasks of an array. */
type MoreTasksNode = Readonly<{ type: 'moreTasks'; id: string; array: string }>;
export type Node = SessionNode | GroupNode | JobNode | MoreTasksNode;

/** A tree of sessions, of their running, waiting and finished groups, and of jobs. */
export class JobTree implements vscode.TreeDataProvider<Node> {
  readonly #parts: TreeParts;
  /** The editor compares elements by identity, so each is created once. */
  readonly #nodes = new Map<string, Node>();
  readonly #changed = new vscode.EventEmitter<Node[] | undefined>();
  /** The shown descriptions that change with time, so that only changed rows are redrawn. */
  readonly #descriptions = new Map<string, string>();
  /** The row under the mouse, and until when it is not redrawn. */
  #pointedAt = { id: '', until: 0 };

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(parts: TreeParts) {
    this.#parts = parts;
  }

  refresh({ all, sessions, jobs }: ModelChange): void {
    const { model } = this.#parts;
    const nodes: Node[] = [...sessions].map((session) => this.#session(session));
    for (const id of jobs) {
      const job = model.job(id);
      const node = this.#nodes.get(id);
      if (!job) {
        this.#nodes.delete(id);
        this.#descriptions.delete(id);
      } else if (node && !sessions.has(job.session)) nodes.push(node);
    }
    if (all) this.#changed.fire(undefined);
    else if (nodes.length > 0) this.#changed.fire(nodes);
  }

  /** Redraws the rows whose time has changed. */
  tick(): void {
    const now = Date.now();
    const nodes: Node[] = [];
    for (const [id, shown] of this.#descriptions) {
      const job = this.#parts.model.job(id);
      if (!job || !readsDifferently(job, now)) this.#descriptions.delete(id);
      if (!job || (id === this.#pointedAt.id && now < this.#pointedAt.until)) continue;
      if (jobDescription(job, this.#wording(now)) !== shown) nodes.push(this.job(id));
    }
    if (nodes.length > 0) this.#changed.fire(nodes);
  }

  job(id: string): JobNode {
    return this.#once({ type: 'job', id });
  }

  #session(session: string): SessionNode {
    return this.#once({ type: 'session', id: `session ${session}`, session });
  }

  #group(session: string, kind: GroupKind): GroupNode {
    return this.#once({ type: 'group', id: `${kind} ${session}`, session, kind });
  }

  #once<T extends Node>(node: T): T {
    const found = this.#nodes.get(node.id);
    if (found) return found as T;
    this.#nodes.set(node.id, node);
    return node;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const { model } = this.#parts;
    switch (node?.type) {
      case undefined: {
        const own = this.#parts.session();
        const names = model.sessions();
        // This window's session comes first, the others by name.
        const ordered = names.includes(own) ? new Set([own, ...names]) : names;
        return [...ordered].map((name) => this.#session(name));
      }
      case 'session': {
        const kinds = groupKinds.filter((kind) => model.total(node.session, kind) > 0);
        return kinds.map((kind) => this.#group(node.session, kind));
      }
      case 'group': {
        const { session, kind } = node;
        const page = await model.page(session, kind);
        const nodes: Node[] = page.jobs.map(({ id }) => this.job(id));
        return page.more
          ? [...nodes, this.#once({ type: 'more', id: `more ${kind} ${session}`, session, kind })]
          : nodes;
      }
      case 'job': {
        if (!model.job(node.id)?.array) return [];
        const { tasks, more } = await this.#parts.arrays.tasks(node.id);
        const nodes: Node[] = tasks.map(({ id }) => this.job(id));
        return more ? [...nodes, this.#once({ type: 'moreTasks', id: `more ${node.id}`, array: node.id })] : nodes;
      }
      case 'more':
      case 'moreTasks':
        return [];
    }
  }

  getParent(node: Node): Node | undefined {
    switch (node.type) {
      case 'session':
        return undefined;
      case 'group':
        return this.#session(node.session);
      case 'more':
        return this.#group(node.session, node.kind);
      case 'moreTasks':
        return this.job(node.array);
      case 'job': {
        const job = this.#parts.model.job(node.id);
        if (job?.task) return this.job(job.task.array);
        return job && this.#group(job.session, groupOf(job.status));
      }
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { id } = node;
    switch (node.type) {
      case 'session':
        return this.#sessionItem(node);
      case 'group': {
        const description = String(this.#parts.model.total(node.session, node.kind));
        const collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
        return treeItem(groupLabel(node.kind), { id, description, collapsibleState, contextValue: 'group' });
      }
      case 'more':
      case 'moreTasks': {
        const title = t('Load more…');
        return treeItem(title, { id, command: { command: commands.open, title } });
      }
      case 'job': {
        const job = this.#parts.model.job(id);
        return job ? this.#jobItem(job) : new vscode.TreeItem('');
      }
    }
  }

  /** The tooltip is created when the mouse is over the item. */
  async resolveTreeItem(item: vscode.TreeItem, node: Node): Promise<vscode.TreeItem> {
    const { model, connection } = this.#parts;
    const known = node.type === 'job' && model.job(node.id);
    if (!known) return item;
    const now = Date.now();
    this.#pointedAt = { id: known.id, until: now + readingMs };
    // The size of its output comes with no event.
    const look = (id: string): Promise<Job> | undefined => connection.service?.getJob(id);
    const job = (await look(known.id)?.catch(() => known)) ?? known;
    const outcome = connection.service && (await agentOutcome(connection.service, job).catch(() => undefined));
    const relations = await relationsOf(job, model, look);
    item.tooltip = new vscode.MarkdownString(jobTooltip(job, now, t, relations, outcome ?? undefined));
    return item;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #sessionItem({ id, session }: SessionNode): vscode.TreeItem {
    const { model, queue } = this.#parts;
    const own = session === this.#parts.session();
    const paused = queue.isPaused(session);
    const running = model.total(session, 'running');
    const flags: ItemFlag[] = ['session', paused ? 'resumeSession' : 'pauseSession'];
    if (running + model.total(session, 'waiting') > 0) flags.push('kill');
    const words = [running > 0 ? t('{0} running', running) : '', paused ? t('paused') : ''];
    const whose = own ? t('Session of this window: {0}', session) : t('Session: {0}', session);
    return treeItem(session, {
      id,
      description: words.filter((word) => word !== '').join(' · '),
      tooltip: paused ? t('{0} (paused: waiting jobs do not start)', whose) : whose,
      iconPath: new vscode.ThemeIcon(own ? 'window' : 'layers'),
      contextValue: flags.join(' '),
      collapsibleState: own ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
    });
  }

  #jobItem(job: Job): vscode.TreeItem {
    const now = Date.now();
    const wording = this.#wording(now);
    const icon = jobIcon(job);
    const description = jobDescription(job, wording);
    if (readsDifferently(job, now)) this.#descriptions.set(job.id, description);
    else this.#descriptions.delete(job.id);
    return treeItem(job.task ? taskTitle(job.task) : jobTitle(job), {
      id: job.id,
      description,
      iconPath: new vscode.ThemeIcon(icon.id, new vscode.ThemeColor(icon.color)),
      contextValue: jobFlags(job, this.#parts.muted.has(job.id)).join(' '),
      accessibilityInformation: { label: jobAccessibleLabel(job, wording), role: 'treeitem' },
      // Without arguments: the editor drops those of an item that is being redrawn, and a click then would fail.
      ...(job.array
        ? { collapsibleState: vscode.TreeItemCollapsibleState.Collapsed }
        : { command: { command: commands.open, title: t('Show Output') } }),
    });
  }

  #wording(now: number): Wording {
    return editorWording(t, now, namesIn(this.#parts.model));
  }
}

function treeItem(label: string, fields: Partial<vscode.TreeItem>): vscode.TreeItem {
  return Object.assign(new vscode.TreeItem(label), fields);
}

/** Its command is that of all the others. */
function taskTitle({ number, item }: NonNullable<Job['task']>): string {
  return item === null ? String(number) : `${number}: ${shorten(oneLine(item), 120)}`;
}

/** Whether its description changes without an event. */
function readsDifferently(job: Job, now: number): boolean {
  return groupOf(job.status) === 'running' || countsDown(job, now);
}

function groupLabel(kind: GroupKind): string {
  return { running: t('Running'), waiting: t('Waiting'), finished: t('Finished') }[kind];
}
