import type { GroupKind } from '../model/groups.ts';

export type SessionNode = Readonly<{ type: 'session'; id: string; session: string }>;
/** The item that loads more of a group has the type `more`. */
export type GroupNode = Readonly<{ type: 'group' | 'more'; id: string; session: string; kind: GroupKind }>;
/** `list`: where the same job may be in the list of a filter, which one. */
export type JobNode = Readonly<{ type: 'job'; id: string; list?: string }>;
/** An earlier run of a job. */
export type RunNode = Readonly<{ type: 'run'; id: string; job: string; number: number }>;
/** The item that loads more tasks of an array. */
type MoreTasksNode = Readonly<{ type: 'moreTasks'; id: string; array: string }>;
/** A list of jobs of all sessions, by their filter. */
export type ListNode = Readonly<{ type: 'list'; id: string; query: string }>;
/** The item that loads more of what the filter of the view, or of a list, has found. */
type MoreFoundNode = Readonly<{ type: 'moreFound'; id: string; list?: string }>;
export type Node = SessionNode | GroupNode | ListNode | JobNode | RunNode | MoreTasksNode | MoreFoundNode;
