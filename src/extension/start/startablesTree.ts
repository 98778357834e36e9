import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { statusText } from '../../text/endText.ts';
import { shorten } from '../../text/grammar.ts';
import { editorWording } from '../../text/stateText.ts';
import { commands, section, settings, type ItemFlag } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { iconOf } from '../definitions/jobDefinition.ts';
import { templates, type Template } from '../tasks/templates.ts';
import { workspaceTasks, type OfferedTask } from '../tasks/workspaceTasks.ts';
import { jobDescription, jobIcon } from '../view/jobItem.ts';
import type { LastJobs } from './lastJobs.ts';
import type { Definition } from './openDefinition.ts';
import { placeText } from './placeText.ts';
import type { Choice } from './choice.ts';
import { allNames, workspaceScripts, type FoundScripts } from './scriptSources.ts';

/** Something that can be started, or says why it cannot. */
export interface Startable {
  type: 'startable';
  /** By which it is remembered. */
  key: string;
  name: string;
  icon: string;
  /** A theme color. */
  color?: string | undefined;
  /** Whether the icon is its own, and stays when it has a result. */
  hasOwnIcon?: boolean;
  /** Set in the group of favorites, where it stands a second time. */
  isFavorite?: boolean;
  /** What it does, or why it cannot be started. */
  description: string;
  /** Where it is defined: a path, a setting, a file of tasks. */
  place: string;
  /** Whether the place tells it from others of its group. */
  isOfSeveral?: boolean;
  choice: Choice | undefined;
  definition: Definition;
}

interface Group {
  type: 'group';
  title: string;
  icon: string;
  isOpen: boolean;
  children: () => Startable[] | Promise<Startable[]>;
}

export type StartableNode = Startable | Group;

/** A search may take seconds in a young window; what lies at the top of the folders is there at once. */
const firstWithinMs = 500;
const redrawMs = 200;
/** The keys of tasks begin so. */
const taskKey = 'task ';

/** Everything that can be started, by where it is defined: templates, scripts by source, the tasks of the editor. */
export class StartablesTree {
  readonly #last: LastJobs;
  readonly #favorites: () => readonly string[];
  readonly #changed: () => void;
  readonly #subscriptions: vscode.Disposable;
  #searched: Promise<void> | undefined;
  #found: FoundScripts[] = [];
  /** Asked for when they are shown, or are among the favorites. */
  #tasks: Promise<Startable[]> | undefined;
  #loadedTasks: Startable[] = [];
  #redraw: NodeJS.Timeout | undefined;

  /**
   * @param favorites the keys of what stands on top
   * @param changed is called when all of it is to be drawn again
   */
  constructor(last: LastJobs, favorites: () => readonly string[], changed: () => void) {
    this.#last = last;
    this.#favorites = favorites;
    this.#changed = changed;
    const files = vscode.workspace.createFileSystemWatcher(`**/{${allNames.join(',')}}`);
    this.#subscriptions = vscode.Disposable.from(
      files,
      files.onDidChange(() => this.refresh()),
      files.onDidCreate(() => this.refresh()),
      files.onDidDelete(() => this.refresh()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.refresh()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${section}.${settings.templates}`)) this.redraw();
      }),
    );
  }

  async children(node?: StartableNode): Promise<StartableNode[]> {
    if (!vscode.workspace.isTrusted) return [];
    if (node) return node.type === 'group' ? node.children() : [];
    await Promise.race([(this.#searched ??= this.#search()), delay(firstWithinMs)]);
    const named = templates().map(templateNode);
    const scripts = this.#found.map((source) => groupOf(source.title, source.icon, scriptNodes(source)));
    const hasFolder = (vscode.workspace.workspaceFolders ?? []).length > 0;
    const favorites = this.#favoritesAmong([...named, ...scripts.flatMap(({ nodes }) => nodes)]);
    return [
      ...(favorites.length > 0 ? [groupOf(t('Favorites'), 'star-full', favorites)] : []),
      ...(named.length > 0 ? [groupOf(t('Templates'), 'bookmark', named)] : []),
      ...scripts,
      // To ask for them starts the extensions that provide them.
      ...(hasFolder ? [this.#tasksGroup()] : []),
    ];
  }

  item(node: StartableNode): vscode.TreeItem {
    if (node.type === 'group') {
      const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
      const item = new vscode.TreeItem(node.title, node.isOpen ? Expanded : Collapsed);
      item.id = node.title;
      item.iconPath = new vscode.ThemeIcon(node.icon);
      return item;
    }
    const { key, name, icon, color, description, place, isFavorite, isOfSeveral = isFavorite, choice } = node;
    const item = new vscode.TreeItem(name);
    const last = choice && this.#last.of(choice);
    item.id = isFavorite ? `favorite ${key}` : key;
    const shown = last ? resultOf(last) : description;
    item.description = shorten(isOfSeveral && place !== '' ? `${shown} · ${place}` : shown, 100);
    const result = last && jobIcon(last);
    const own = { id: choice ? icon : 'circle-slash', color: result?.color ?? color };
    item.iconPath = themed(result && !node.hasOwnIcon ? result : own);
    item.tooltip = [description, place].filter((line) => line !== '').join('\n');
    item.accessibilityInformation = { label: [name, shown, place].filter((part) => part !== '').join(', ') };
    const mark: ItemFlag = this.#favorites().includes(key) ? 'favorite' : 'notFavorite';
    item.contextValue = choice ? `startable ${mark}` : mark;
    item.command = { title: t('Open Definition'), command: commands.openDefinition, arguments: [node] };
    return item;
  }

  /** Reads all files again. */
  readonly refresh = (): void => {
    this.#searched = undefined;
    this.#tasks = undefined;
    this.redraw();
  };

  readonly redraw = (): void => {
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.#changed();
    }, redrawMs);
  };

  dispose(): void {
    clearTimeout(this.#redraw);
    this.#subscriptions.dispose();
  }

  #favoritesAmong(known: readonly Startable[]): Startable[] {
    const keys = this.#favorites();
    if (keys.some((key) => key.startsWith(taskKey))) void this.#loadTasks();
    const byKey = new Map([...known, ...this.#loadedTasks].map((node) => [node.key, node]));
    return keys.flatMap((key) => byKey.get(key) ?? []).map((node) => ({ ...node, isFavorite: true }));
  }

  #tasksGroup(): Group {
    return { type: 'group', title: t('Tasks'), icon: 'checklist', isOpen: false, children: () => this.#loadTasks() };
  }

  #loadTasks(): Promise<Startable[]> {
    return (this.#tasks ??= workspaceTasks().then((tasks) => {
      this.#loadedTasks = tasks.map(taskNode);
      if (this.#favorites().some((key) => key.startsWith(taskKey))) this.redraw();
      return this.#loadedTasks;
    }));
  }

  /** Shows each source as soon as it is read, the first time; later all at once, so that no row goes and comes back. */
  async #search(): Promise<void> {
    const { top, below } = workspaceScripts();
    const isFirst = this.#found.length === 0;
    const parts: FoundScripts[][] = top.map(() => []);
    const show = (): void => {
      this.#found = parts.map(merged).filter(({ found }) => found.length > 0);
      this.redraw();
    };
    const add = async (index: number, source: Promise<FoundScripts>): Promise<void> => {
      parts[index]?.push(await source);
      if (isFirst) show();
    };
    await Promise.all([top, below].flatMap((sources) => sources.map((source, index) => add(index, source))));
    if (!isFirst) show();
  }
}

function merged(parts: readonly FoundScripts[]): FoundScripts {
  return { title: '', icon: '', ...parts[0], found: parts.flatMap(({ found }) => found) };
}

function groupOf(title: string, icon: string, nodes: Startable[]): Group & { nodes: Startable[] } {
  return { type: 'group', title, icon, isOpen: true, nodes, children: () => nodes };
}

function templateNode(template: Template): Startable {
  const { name, definition, folder, problem } = template;
  const { command, argv } = definition;
  const line = typeof command === 'string' ? command : Array.isArray(argv) ? argv.join(' ') : '';
  const icon = iconOf(definition);
  return {
    type: 'startable',
    key: `template ${folder ?? ''} ${name}`,
    name,
    icon: icon?.id ?? 'bookmark',
    color: icon?.color,
    hasOwnIcon: icon !== undefined,
    description: problem === null ? line : problemText(problem),
    place: folder === undefined ? '' : placeText(folder),
    choice: problem === null ? { type: 'template', template } : undefined,
    definition: { type: 'setting', name },
  };
}

function scriptNodes({ icon, found }: FoundScripts): Startable[] {
  const isOfSeveral = new Set(found.map(({ file }) => file)).size > 1;
  return found.map(({ script, file }) => ({
    type: 'startable',
    key: `script ${file} ${script.name}`,
    name: script.name,
    icon,
    description: script.description || script.command,
    place: vscode.workspace.asRelativePath(file),
    isOfSeveral,
    choice: { type: 'line', line: { ...script, cwd: dirname(file) } },
    definition: { type: 'file', file, name: script.name },
  }));
}

function taskNode({ name, source, offer }: OfferedTask): Startable {
  const isOffered = !('problem' in offer);
  return {
    type: 'startable',
    key: `${taskKey}${source} ${isOffered ? offer.folder.uri.fsPath : ''} ${name}`,
    name,
    icon: 'checklist',
    description: isOffered ? source : problemText(offer.problem),
    place: isOffered && (vscode.workspace.workspaceFolders?.length ?? 0) > 1 ? offer.folder.name : '',
    choice: isOffered ? { type: 'task', task: offer } : undefined,
    definition: { type: 'task' },
  };
}

function problemText(reason: string): string {
  return t('cannot run as a job: {0}', reason);
}

function resultOf(job: Job): string {
  return isEnded(job.status)
    ? jobDescription(job, editorWording(t, Date.now())) || statusText(job.status, t)
    : statusText(job.status, t);
}

function themed({ id, color }: { id: string; color?: string | undefined }): vscode.ThemeIcon {
  return new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
}
