import * as vscode from 'vscode';
import type { AgentEvent } from '../../api/codingAgent.ts';
import type { Job } from '../../api/job.ts';
import { commands, type ItemFlag } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { groupKinds, groupOf, type GroupKind } from '../model/groups.ts';
import type { JobModel, ModelChange } from '../model/jobModel.ts';
import type { Muted } from '../model/muted.ts';
import { jobTitle } from '../../text/grammar.ts';
import { editorWording, type NameOf, type Wording } from '../../text/wording.ts';
import { jobFlags } from './jobFlags.ts';
import { countsDown, jobAccessibleLabel, jobDescription, jobIcon } from './jobItem.ts';
import { Nodes, type GroupNode, type JobNode, type Node, type SessionNode } from './nodes.ts';
import { jobTooltip, namesIn, relationsOf } from './tooltip.ts';

/** How long a row keeps its tooltip open: a redraw would close it. */
const readingMs = 15_000;

export interface TreeParts {
  model: JobModel;
  muted: Muted;
  ownSession: () => string;
  /** Whether this session is paused. */
  isPaused: (session: string) => boolean;
  /** Gets a job from the host, if there is one: the size of its output comes with no event. */
  look: (id: string) => Promise<Job> | undefined;
  /** The last result of a coding agent. */
  lookAtResult: (job: Job) => Promise<AgentEvent | undefined> | undefined;
}

/** A tree of sessions, of their running, waiting and finished groups, and of jobs. */
export class JobTree implements vscode.TreeDataProvider<Node> {
  readonly #model: JobModel;
  readonly #muted: Muted;
  readonly #ownSession: () => string;
  readonly #isPaused: (session: string) => boolean;
  readonly #look: (id: string) => Promise<Job> | undefined;
  readonly #lookAtResult: TreeParts['lookAtResult'];
  readonly #nodes = new Nodes();
  readonly #changed = new vscode.EventEmitter<Node[] | undefined>();
  /** The shown descriptions that change with time, so that only changed rows are redrawn. */
  readonly #descriptions = new Map<string, string>();
  readonly #nameOf: NameOf;
  /** The row under the mouse, and until when it is not redrawn. */
  #pointedAt = { id: '', until: 0 };

  readonly onDidChangeTreeData = this.#changed.event;

  constructor({ model, muted, ownSession, isPaused, look, lookAtResult }: TreeParts) {
    this.#model = model;
    this.#nameOf = namesIn(model);
    this.#muted = muted;
    this.#ownSession = ownSession;
    this.#isPaused = isPaused;
    this.#look = look;
    this.#lookAtResult = lookAtResult;
  }

  refresh(change: ModelChange): void {
    for (const id of change.jobs) if (!this.#model.job(id)) this.#forget(id);
    if (change.all) return this.#changed.fire(undefined);
    const nodes: Node[] = [...change.sessions].map((session) => this.#nodes.session(session));
    for (const id of change.jobs) {
      const node = this.#nodes.find(id);
      const job = this.#model.job(id);
      if (node && job && !change.sessions.has(job.session)) nodes.push(node);
    }
    if (nodes.length > 0) this.#changed.fire(nodes);
  }

  /** Redraws the rows whose time has changed. */
  tick(): void {
    const now = Date.now();
    const nodes: Node[] = [];
    for (const [id, shown] of this.#descriptions) {
      const job = this.#model.job(id);
      if (!job || !readsDifferently(job, now)) this.#descriptions.delete(id);
      if (!job || (id === this.#pointedAt.id && now < this.#pointedAt.until)) continue;
      if (jobDescription(job, this.#wording(now)) !== shown) nodes.push(this.#nodes.job(id));
    }
    if (nodes.length > 0) this.#changed.fire(nodes);
  }

  job(id: string): JobNode {
    return this.#nodes.job(id);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.#sessions();
    switch (node.type) {
      case 'session':
        return groupKinds
          .filter((kind) => this.#model.total(node.session, kind) > 0)
          .map((kind) => this.#nodes.group(node.session, kind));
      case 'group': {
        const page = await this.#model.page(node.session, node.kind);
        const nodes: Node[] = page.jobs.map(({ id }) => this.#nodes.job(id));
        if (page.more) nodes.push(this.#nodes.more(node.session, node.kind));
        return nodes;
      }
      case 'job':
      case 'more':
        return [];
    }
  }

  getParent(node: Node): Node | undefined {
    switch (node.type) {
      case 'session':
        return undefined;
      case 'group':
        return this.#nodes.session(node.session);
      case 'more':
        return this.#nodes.group(node.session, node.kind);
      case 'job': {
        const job = this.#model.job(node.id);
        return job && this.#nodes.group(job.session, groupOf(job.status));
      }
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.type) {
      case 'session':
        return this.#sessionItem(node);
      case 'group':
        return this.#groupItem(node);
      case 'more': {
        const item = new vscode.TreeItem(t('Load more…'));
        item.id = node.id;
        item.command = { command: commands.open, title: t('Load more…') };
        return item;
      }
      case 'job': {
        const job = this.#model.job(node.id);
        return job ? this.#jobItem(job) : new vscode.TreeItem('');
      }
    }
  }

  /** The tooltip is created when the mouse is over the item. */
  async resolveTreeItem(item: vscode.TreeItem, node: Node): Promise<vscode.TreeItem> {
    const known = node.type === 'job' && this.#model.job(node.id);
    if (!known) return item;
    const now = Date.now();
    this.#pointedAt = { id: known.id, until: now + readingMs };
    const job = (await this.#look(known.id)?.catch(() => known)) ?? known;
    const result = await this.#lookAtResult(job)?.catch(() => undefined);
    const relations = await relationsOf(job, this.#model, this.#look);
    item.tooltip = new vscode.MarkdownString(jobTooltip(job, now, t, relations, result));
    return item;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  /** This window's session first, the others by name. */
  #sessions(): SessionNode[] {
    const own = this.#ownSession();
    const names = this.#model.sessions();
    const ordered = [...names.filter((name) => name === own), ...names.filter((name) => name !== own)];
    return ordered.map((name) => this.#nodes.session(name));
  }

  #sessionItem(node: SessionNode): vscode.TreeItem {
    const own = node.session === this.#ownSession();
    const state = own ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
    const item = new vscode.TreeItem(node.session, state);
    item.id = node.id;
    const running = this.#model.total(node.session, 'running');
    const paused = this.#isPaused(node.session);
    const going = running + this.#model.total(node.session, 'waiting') > 0;
    const flags: ItemFlag[] = ['session', paused ? 'resumeSession' : 'pauseSession'];
    item.contextValue = (going ? [...flags, 'kill'] : flags).join(' ');
    item.iconPath = new vscode.ThemeIcon(own ? 'window' : 'layers');
    const words = [running > 0 ? t('{0} running', running) : '', paused ? t('paused') : ''];
    item.description = words.filter((word) => word !== '').join(' · ');
    const whose = own ? t('Session of this window: {0}', node.session) : t('Session: {0}', node.session);
    item.tooltip = paused ? t('{0} (paused: waiting jobs do not start)', whose) : whose;
    return item;
  }

  #groupItem(node: GroupNode): vscode.TreeItem {
    const item = new vscode.TreeItem(groupLabel(node.kind), vscode.TreeItemCollapsibleState.Expanded);
    item.id = node.id;
    item.description = String(this.#model.total(node.session, node.kind));
    item.contextValue = 'group';
    return item;
  }

  #jobItem(job: Job): vscode.TreeItem {
    const now = Date.now();
    const wording = this.#wording(now);
    const icon = jobIcon(job);
    const item = new vscode.TreeItem(jobTitle(job));
    item.id = job.id;
    item.description = jobDescription(job, wording);
    if (readsDifferently(job, now)) this.#descriptions.set(job.id, item.description);
    else this.#descriptions.delete(job.id);
    item.iconPath = new vscode.ThemeIcon(icon.id, new vscode.ThemeColor(icon.color));
    item.contextValue = jobFlags(job, this.#muted.has(job.id)).join(' ');
    item.accessibilityInformation = { label: jobAccessibleLabel(job, wording), role: 'treeitem' };
    // Without arguments: the editor drops those of an item that is being redrawn, and a click at that moment would fail.
    item.command = { command: commands.open, title: t('Show Output') };
    return item;
  }

  #wording(now: number): Wording {
    return editorWording(t, now, this.#nameOf);
  }

  #forget(id: string): void {
    this.#nodes.delete(id);
    this.#descriptions.delete(id);
  }
}

/** Whether its description changes without an event. */
function readsDifferently(job: Job, now: number): boolean {
  return groupOf(job.status) === 'running' || countsDown(job, now);
}

function groupLabel(kind: GroupKind): string {
  switch (kind) {
    case 'running':
      return t('Running');
    case 'waiting':
      return t('Waiting');
    case 'finished':
      return t('Finished');
  }
}
