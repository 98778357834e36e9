import * as vscode from 'vscode';
import { lensesBundle, startBundle } from '../../bundles.ts';
import { favorites } from '../base/history.ts';
import { filesWithScripts, settings, views } from '../base/ids.ts';
import { hasGutterIcons, onDidChangeSettings } from '../base/settings.ts';
import { loadBundle } from '../host/hostAccess.ts';
import type { GutterIcons } from '../start/gutterIcons.ts';
import type * as Lenses from '../start/lenses.ts';
import type { StartableNode, StartablesTree } from '../start/startablesTree.ts';
import type { LastJobsWatch } from './lastJobsWatch.ts';

/** What is used here of the bundle. */
export interface StartablesBundle {
  StartablesTree: typeof StartablesTree;
}

export interface Startables extends vscode.Disposable {
  /** Reads all files again. */
  refresh(): void;
  redraw(): void;
}

/** The view of what can be started, with the last job of each. Its code is loaded when the view is first visible. */
export function registerStartables(lastJobs: LastJobsWatch, state: vscode.Memento): Startables {
  const changed = new vscode.EventEmitter<undefined>();
  let tree: StartablesTree | undefined;
  const subscriptions: { dispose(): void }[] = [changed];
  const open = (): StartablesTree => {
    const { StartablesTree } = loadBundle(startBundle) as StartablesBundle;
    const created = new StartablesTree(
      lastJobs.get(),
      () => favorites(state),
      () => changed.fire(undefined),
    );
    const subscription = lastJobs.onDidChange(() => view.visible && created.redraw());
    subscriptions.push(created, subscription);
    return created;
  };
  const view = vscode.window.createTreeView<StartableNode>(views.startables, {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: (node) => (tree ??= open()).children(node),
      getTreeItem: (node) => (tree ??= open()).item(node),
    },
    showCollapseAll: true,
  });
  subscriptions.push(view);
  return {
    refresh: () => tree?.refresh(),
    redraw: () => tree?.redraw(),
    dispose: () => {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

/**
 * Lenses above what can be run in a file, and icons beside it. Their code is loaded when the first of these files is open.
 * @param media the folder of our images
 */
export function registerLenses(lastJobs: LastJobsWatch, media: vscode.Uri): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const scheme = 'file';
  const selector = [
    { scheme, pattern: `**/{${filesWithScripts.join(',')}}` },
    { scheme, language: 'shellscript' },
    { scheme, language: 'python' },
  ];
  const bundle = (): typeof Lenses => loadBundle(lensesBundle) as typeof Lenses;
  let icons: GutterIcons | undefined;
  const draw = (): void => {
    if (icons) return icons.draw();
    const documents = vscode.window.visibleTextEditors.map(({ document }) => document);
    if (!hasGutterIcons() || !documents.some((one) => vscode.languages.match(selector, one) > 0)) return;
    icons = new (bundle().GutterIcons)(media, lastJobs.get);
  };
  draw();
  return vscode.Disposable.from(
    changed,
    { dispose: () => icons?.dispose() },
    vscode.window.onDidChangeVisibleTextEditors(draw),
    lastJobs.onDidChange(() => icons?.drawSoon()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      changed.fire();
      draw();
    }),
    onDidChangeSettings((isChanged) => {
      if (isChanged(settings.codeLensScripts) || isChanged(settings.codeLensFiles)) changed.fire();
      if (isChanged(settings.gutterIcons)) draw();
    }),
    vscode.languages.registerCodeLensProvider(selector, {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: (document) => bundle().codeLenses(document),
    }),
  );
}
