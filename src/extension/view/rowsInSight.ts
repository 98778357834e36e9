import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import type { JobModel } from '../model/jobModel.ts';
import type { FoundJobs } from '../host/foundJobs.ts';
import type { Node } from './nodes.ts';

/** The editor does not say which rows it shows. With at most this many above it, the row of an ended job is among them. */
const mostAbove = 12;

/** Which jobs a person can see in the view of this window, as far as an extension can know. */
export class RowsInSight {
  readonly #view: vscode.TreeView<Node>;
  readonly #model: JobModel;
  readonly #found: Pick<FoundJobs, 'filter' | 'grouping' | 'has'>;
  /** Sessions by the id of their item, or of one of their groups, that is collapsed. */
  readonly #collapsed = new Map<string, string>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(view: vscode.TreeView<Node>, model: JobModel, found: Pick<FoundJobs, 'filter' | 'grouping' | 'has'>) {
    this.#found = found;
    this.#view = view;
    this.#model = model;
    this.#subscriptions = [
      view.onDidCollapseElement(({ element }) => {
        if ('session' in element) this.#collapsed.set(element.id, element.session);
      }),
      view.onDidExpandElement(({ element }) => this.#collapsed.delete(element.id)),
    ];
  }

  /** @param job of this window's session, whose rows come first; it has just ended */
  include(job: Job): boolean {
    const { id, session } = job;
    if (!this.#view.visible || !vscode.window.state.focused) return false;
    if (this.#found.filter || this.#found.grouping !== 'session') return this.#found.has(id);
    if ([...this.#collapsed.values()].includes(session)) return false;
    // New failures come first, the newest of them at the top.
    if (this.#model.kindOf(job) === 'failed') return true;
    const before = ['failed', 'running', 'waiting'] as const;
    const above = before.reduce((sum, kind) => sum + this.#model.total(session, kind), 0);
    return above <= mostAbove || this.#view.selection.some((node) => node.id === id);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
