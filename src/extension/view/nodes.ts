import type { GroupKind } from '../model/groups.ts';

export interface SessionNode {
  readonly type: 'session';
  readonly id: string;
  readonly session: string;
}

export interface GroupNode {
  readonly type: 'group';
  readonly id: string;
  readonly session: string;
  readonly kind: GroupKind;
}

export interface JobNode {
  readonly type: 'job';
  readonly id: string;
}

export interface MoreNode {
  readonly type: 'more';
  readonly id: string;
  readonly session: string;
  readonly kind: GroupKind;
}

export type Node = SessionNode | GroupNode | JobNode | MoreNode;

/** The editor compares elements by identity, so each is created once. */
export class Nodes {
  readonly #nodes = new Map<string, Node>();

  session(session: string): SessionNode {
    return this.#node({ type: 'session', id: `session ${session}`, session });
  }

  group(session: string, kind: GroupKind): GroupNode {
    return this.#node({ type: 'group', id: `${kind} ${session}`, session, kind });
  }

  more(session: string, kind: GroupKind): MoreNode {
    return this.#node({ type: 'more', id: `more ${kind} ${session}`, session, kind });
  }

  job(id: string): JobNode {
    return this.#node({ type: 'job', id });
  }

  /** The node of this id; undefined if it was never shown. */
  find(id: string): Node | undefined {
    return this.#nodes.get(id);
  }

  delete(id: string): void {
    this.#nodes.delete(id);
  }

  #node<T extends Node>(node: T): T {
    const found = this.#nodes.get(node.id);
    if (found) return found as T;
    this.#nodes.set(node.id, node);
    return node;
  }
}
