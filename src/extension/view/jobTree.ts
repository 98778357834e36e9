import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { agentOutcome } from '../../text/agentOutcome.ts';
import { isActive } from '../../api/values.ts';
import { editorWording, type Wording } from '../../text/stateText.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import { Emitter } from '../base/emitter.ts';
import { t } from '../base/l10n.ts';
import type { FoundJobs } from '../host/foundJobs.ts';
import { listOf } from '../model/grouping.ts';
import { groupKinds, type GroupKind } from '../model/groups.ts';
import type { JobModel, ModelChange } from '../model/jobModel.ts';
import type { MarkedJobs } from '../model/markedJobs.ts';
import { countsDown, jobDescription, jobFlags, namesIn, relationsOf } from './jobItem.ts';
import type { GroupNode, JobNode, Node, SessionNode } from './nodes.ts';
import { groupItem, jobItem, listItem, moreItem, runItem, sessionItem, shownRuns } from './treeItems.ts';
import { jobTooltip } from './tooltip.ts';

/** How long a row keeps its tooltip open: a redraw would close it. */
const readingMs = 15_000;

export interface TreeParts {
  model: JobModel;
  connection: ServiceSource;
  queue: { isPaused(session: string): boolean };
  arrays: { tasks(array: string): Promise<{ tasks: Job[]; more: boolean }> };
  found: Pick<FoundJobs, 'filter' | 'grouping' | 'lists' | 'page'>;
  muted: MarkedJobs;
  wanted: MarkedJobs;
  /** The session of this window. */
  session: () => string;
}

/** A tree of sessions, of their running, waiting and finished groups, and of jobs. */
export class JobTree implements vscode.TreeDataProvider<Node> {
  readonly #parts: TreeParts;
  /** The editor compares elements by identity, so each is created once. */
  readonly #nodes = new Map<string, Node>();
  /** The keys of the nodes of a job and of what is below it, by its id. */
  readonly #ofJob = new Map<string, Set<string>>();
  /** How many jobs a list has, by its filter. */
  #totals: ReadonlyMap<string, number | undefined> = new Map();
  readonly #changed = new vscode.EventEmitter<Node[] | undefined>();
  /** The shown descriptions that change with time, so that only changed rows are redrawn. */
  readonly #descriptions = new Map<string, string>();
  /** The row under the mouse, and until when it is not redrawn. */
  #pointedAt = { id: '', until: 0 };

  /** The jobs whose rows the editor has asked for. */
  readonly #drawn = new Set<string>();
  readonly #wasDrawn = new Emitter<string>();

  readonly onDidChangeTreeData = this.#changed.event;
  /** With the id of a job whose row the editor has asked for. */
  readonly onDidDraw = this.#wasDrawn.event;

  constructor(parts: TreeParts) {
    this.#parts = parts;
  }

  refresh({ all, sessions, jobs }: ModelChange): void {
    const { model } = this.#parts;
    const nodes: Node[] = [...sessions].map((session) => this.#session(session));
    for (const id of jobs) {
      const job = model.job(id);
      if (!job) this.#forget(id);
      else if (!sessions.has(job.session)) nodes.push(...this.#nodesOf(id));
    }
    // What was there before the host was lost may be gone.
    if (all) for (const id of this.#ofJob.keys()) if (!model.job(id)) this.#forget(id);
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
      if (jobDescription(job, this.#wording(now)) !== shown) nodes.push(...this.#nodesOf(id));
    }
    if (nodes.length > 0) this.#changed.fire(nodes);
  }

  /** Where its job stands now. */
  job(id: string): JobNode {
    const { model, found } = this.#parts;
    const job = model.job(id);
    return this.#job(id, job && !job.task && !found.filter ? listOf(job, found.grouping) : undefined);
  }

  isDrawn(id: string): boolean {
    return this.#drawn.has(id);
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#nodes.size;
  }

  #job(id: string, list?: string): JobNode {
    return this.#once(list === undefined ? { type: 'job', id } : { type: 'job', id, list }, id);
  }

  #list(query: string): Node {
    return this.#once({ type: 'list', id: `list ${query}`, query });
  }

  #nodesOf(id: string): Node[] {
    const keys = [...(this.#ofJob.get(id) ?? [])];
    return keys.flatMap((key) => this.#nodes.get(key) ?? []).filter(({ type }) => type === 'job');
  }

  #forget(id: string): void {
    for (const key of this.#ofJob.get(id) ?? []) this.#nodes.delete(key);
    this.#ofJob.delete(id);
    this.#drawn.delete(id);
    this.#descriptions.delete(id);
  }

  #session(session: string): SessionNode {
    return this.#once({ type: 'session', id: `session ${session}`, session });
  }

  #group(session: string, kind: GroupKind): GroupNode {
    return this.#once({ type: 'group', id: `${kind} ${session}`, session, kind });
  }

  /** @param job with which the node goes */
  #once<T extends Node>(node: T, job?: string): T {
    const key = keyOf(node);
    const found = this.#nodes.get(key);
    if (found) return found as T;
    this.#nodes.set(key, node);
    if (job !== undefined) this.#ofJob.set(job, (this.#ofJob.get(job) ?? new Set()).add(key));
    return node;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    const { model, found, session } = this.#parts;
    switch (node?.type) {
      case undefined: {
        if (found.filter) {
          const { jobs, more } = await found.page();
          return this.#withMore(jobs, more > 0 && { type: 'moreFound', id: 'more found' });
        }
        const lists = await found.lists();
        if (lists) {
          this.#totals = new Map(lists.map(({ query, total }) => [query, total]));
          return lists.map(({ query }) => this.#list(query));
        }
        const own = session();
        const names = model.sessions();
        // This window's session comes first, the others by name.
        const ordered = names.includes(own) ? new Set([own, ...names]) : names;
        return [...ordered].map((name) => this.#session(name));
      }
      case 'session': {
        const kinds = groupKinds.filter((kind) => model.total(node.session, kind) > 0);
        return kinds.map((kind) => this.#group(node.session, kind));
      }
      case 'list': {
        const { query: list } = node;
        const { jobs, more } = await found.page(list);
        return this.#withMore(jobs, more > 0 && { type: 'moreFound', id: `more found ${list}`, list }, list);
      }
      case 'group': {
        const { session, kind } = node;
        const { jobs, more } = await model.page(session, kind);
        return this.#withMore(jobs, more > 0 && { type: 'more', id: `more ${kind} ${session}`, session, kind });
      }
      case 'job': {
        const job = model.job(node.id);
        if (!job) return [];
        if (!job.array) return shownRuns(job).map(({ number }) => this.#run(job.id, number));
        const { tasks, more } = await this.#parts.arrays.tasks(node.id);
        return this.#withMore(tasks, more && { type: 'moreTasks', id: `more ${node.id}`, array: node.id });
      }
      default:
        return [];
    }
  }

  #withMore(jobs: readonly Job[], more: Node | false, list?: string): Node[] {
    const nodes: Node[] = jobs.map(({ id }) => this.#job(id, list));
    return more ? [...nodes, this.#once(more, more.type === 'moreTasks' ? more.array : undefined)] : nodes;
  }

  #run(job: string, number: number): Node {
    return this.#once({ type: 'run', id: `${job}.${number}`, job, number }, job);
  }

  getParent(node: Node): Node | undefined {
    switch (node.type) {
      case 'session':
      case 'list':
        return undefined;
      case 'moreFound':
        return node.list === undefined ? undefined : this.#list(node.list);
      case 'group':
        return this.#session(node.session);
      case 'more':
        return this.#group(node.session, node.kind);
      case 'moreTasks':
        return this.job(node.array);
      case 'run':
        return this.job(node.job);
      case 'job': {
        if (node.list !== undefined) return this.#list(node.list);
        const { model, found } = this.#parts;
        const job = model.job(node.id);
        if (job?.task) return this.job(job.task.array);
        return job && !found.filter ? this.#group(job.session, model.kindOf(job)) : undefined;
      }
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const { model, queue, session } = this.#parts;
    switch (node.type) {
      case 'session': {
        const isOwn = node.session === session();
        return sessionItem(node, { model, isOwn, isPaused: queue.isPaused(node.session) });
      }
      case 'group':
        return groupItem(node, model);
      case 'list':
        return listItem(node, this.#totals.get(node.query));
      case 'more':
        return moreItem(node, model.left(node.session, node.kind));
      case 'moreTasks':
      case 'moreFound':
        return moreItem(node);
      case 'run': {
        const run = model.job(node.job)?.runs.find(({ number }) => number === node.number);
        return run ? runItem(node, run) : new vscode.TreeItem('');
      }
      case 'job': {
        const job = model.job(node.id);
        this.#drawn.add(node.id);
        this.#wasDrawn.fire(node.id);
        return job ? Object.assign(this.#jobItem(job, node.list), { id: keyOf(node) }) : new vscode.TreeItem('');
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
    const nameOf = namesIn({ job: (jobId) => relations.known.get(jobId) ?? model.job(jobId) });
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const about = { relations, outcome: outcome ?? undefined };
    const { text, enabledCommands } = jobTooltip(job, editorWording(t, now, nameOf), about, folders);
    const tooltip = new vscode.MarkdownString(text);
    tooltip.isTrusted = { enabledCommands };
    item.tooltip = tooltip;
    return item;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #jobItem(job: Job, list?: string): vscode.TreeItem {
    const now = Date.now();
    const wording = this.#wording(now);
    if (readsDifferently(job, now)) this.#descriptions.set(job.id, jobDescription(job, wording));
    else this.#descriptions.delete(job.id);
    const { found, muted, wanted } = this.#parts;
    const flags = jobFlags(job, muted.has(job.id), wanted.has(job.id));
    const isAmongOthers = list !== undefined || found.filter;
    return jobItem(job, wording, flags, isAmongOthers && !job.task ? job.session : '');
  }

  #wording(now: number): Wording {
    return editorWording(t, now, namesIn(this.#parts.model));
  }
}

/** A job may be in a list and elsewhere. */
function keyOf(node: Node): string {
  return node.type === 'job' && node.list !== undefined ? `${node.list} ${node.id}` : node.id;
}

/** Whether its description changes without an event. */
function readsDifferently(job: Job, now: number): boolean {
  return isActive(job.status) || countsDown(job, now);
}
