import * as vscode from 'vscode';
import type { Job, Run } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { endText, statusText, successText } from '../../text/endText.ts';
import { jobTitle, joined, oneLine, shorten } from '../../text/grammar.ts';
import type { Wording } from '../../text/stateText.ts';
import { commands, type ItemFlag } from '../base/ids.ts';
import { number, t } from '../base/l10n.ts';
import { tagOf } from '../model/filter.ts';
import { untagged } from '../model/grouping.ts';
import type { GroupKind } from '../model/groups.ts';
import type { JobModel } from '../model/jobModel.ts';
import { jobAccessibleLabel, jobDescription, jobIcon, statusIcons } from './jobItem.ts';
import type { GroupNode, ListNode, Node, RunNode, SessionNode } from './nodes.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
const red = new vscode.ThemeColor('charts.red');

interface SessionState {
  model: JobModel;
  isOwn: boolean;
  isPaused: boolean;
}

export function sessionItem({ id, session }: SessionNode, { model, isOwn, isPaused }: SessionState): vscode.TreeItem {
  const [unseen, running, waiting] = (['failed', 'running', 'waiting'] as const).map((kind) =>
    model.total(session, kind),
  ) as [number, number, number];
  const finished = unseen + model.total(session, 'finished');
  const failures = model.failures(session);
  const words = [
    running > 0 ? t('{0} running', number(running)) : '',
    waiting > 0 ? t('{0} waiting', number(waiting)) : '',
    failures > 0 ? t('{0} failed', number(failures)) : '',
    finished > 0 ? t('{0} finished', number(finished)) : '',
    isPaused ? t('paused') : '',
  ].filter((word) => word !== '');
  const whose = isOwn ? t('This window\'s session "{0}"', session) : t('Session "{0}"', session);
  const flags: ItemFlag[] = ['session', isPaused ? 'resumeSession' : 'pauseSession'];
  if (running + waiting > 0) flags.push('kill');
  const icon = isOwn ? 'window' : 'layers';
  return treeItem(session, {
    id,
    description: words.join(' · '),
    tooltip: isPaused ? t("{0} (paused: waiting jobs don't start)", whose) : whose,
    iconPath: unseen > 0 ? new vscode.ThemeIcon(icon, red) : new vscode.ThemeIcon(icon),
    contextValue: flags.join(' '),
    // The editor reads out the tooltip instead of the label, if it is not told otherwise.
    accessibilityInformation: { label: [whose, ...words].join(', '), role: 'treeitem' },
    collapsibleState: isOwn ? Expanded : Collapsed,
  });
}

const groupFlags: Record<GroupKind, ItemFlag> = {
  failed: 'failedGroup',
  running: 'runningGroup',
  waiting: 'waitingGroup',
  finished: 'finishedGroup',
};

export function groupItem({ id, session, kind }: GroupNode, model: JobModel): vscode.TreeItem {
  const jobs = number(model.total(session, kind));
  const flags: ItemFlag[] = [groupFlags[kind]];
  const hasFailures = kind === 'failed' || (kind === 'finished' && model.failures(session) > 0);
  if (hasFailures) flags.push('failures');
  return treeItem(groupLabel(kind), {
    id,
    description: jobs,
    contextValue: flags.join(' '),
    accessibilityInformation: { label: t('{0}, jobs: {1}', groupLabel(kind), jobs), role: 'treeitem' },
    collapsibleState: Expanded,
  });
}

function groupLabel(kind: GroupKind): string {
  return {
    failed: t('New Failures'),
    running: t('Running'),
    waiting: t('Waiting'),
    finished: t('Finished'),
  }[kind];
}

const lists: Readonly<Record<string, { label: string; icon: string }>> = {
  '@failed': { label: t('Failed'), icon: statusIcons.failed.id },
  '@running': { label: t('Running'), icon: statusIcons.running.id },
  '@waiting': { label: t('Waiting'), icon: statusIcons.pending.id },
  '@succeeded': { label: t('Succeeded'), icon: statusIcons.completed.id },
  '@stopped': { label: t('Stopped or Canceled'), icon: statusIcons.killed.id },
  [untagged]: { label: t('No Tag'), icon: 'dash' },
};

/** @param total how many jobs it has, where that is known */
export function listItem({ id, query }: ListNode, total: number | undefined): vscode.TreeItem {
  const { label, icon } = lists[query] ?? { label: tagOf(query), icon: 'tag' };
  const jobs = total === undefined ? '' : number(total);
  return treeItem(label, {
    id,
    description: jobs,
    iconPath: new vscode.ThemeIcon(icon),
    accessibilityInformation: { label: jobs === '' ? label : t('{0}, jobs: {1}', label, jobs), role: 'treeitem' },
    collapsibleState: query === '@failed' || query === '@running' || query === '@waiting' ? Expanded : Collapsed,
  });
}

/** @param more how many follow, where that is known */
export function moreItem({ id }: Node, more?: number): vscode.TreeItem {
  const title = t('Load more…');
  const fields = { id, command: { command: commands.open, title } };
  return treeItem(title, more === undefined ? fields : { ...fields, description: t('{0} more', number(more)) });
}

/** @param session shown too, where jobs of several stand together */
export function jobItem(job: Job, wording: Wording, flags: readonly ItemFlag[], session = ''): vscode.TreeItem {
  const hasRuns = job.runs.length > 1 && !job.array;
  const isParent = hasRuns || job.array !== null;
  return treeItem(job.task ? taskTitle(job.task) : jobTitle(job), {
    id: job.id,
    description: [jobDescription(job, wording), session].filter((part) => part !== '').join(' · '),
    iconPath: themeIcon(jobIcon(job)),
    contextValue: flags.join(' '),
    accessibilityInformation: { label: joined(jobAccessibleLabel(job, wording), session), role: 'treeitem' },
    collapsibleState: isParent ? Collapsed : None,
    // Without arguments: the editor drops those of an item that is being redrawn, and a click then would fail.
    ...(!job.array && { command: { command: commands.open, title: t('Show Output') } }),
  });
}

/** A job that has been restarted for weeks has many. */
const mostRuns = 50;

/** Of a job that has run more than once, the newest first. */
export function shownRuns({ runs }: Job): Job['runs'] {
  return runs.length > 1 ? runs.toReversed().slice(0, mostRuns) : [];
}

/** One of the runs of a job that has run more than once. */
export function runItem({ id, number }: RunNode, run: Run): vscode.TreeItem {
  const label = t('Run {0}', number);
  const description = isEnded(run.status) ? (successText(run, t) ?? endText(run, t)) : statusText(run.status, t);
  return treeItem(label, {
    id,
    description,
    tooltip: run.finishedAt === null ? label : new Date(run.finishedAt).toLocaleString(),
    iconPath: themeIcon(statusIcons[run.status]),
    contextValue: 'run' satisfies ItemFlag,
    accessibilityInformation: { label: joined(label, description), role: 'treeitem' },
    command: { command: commands.open, title: t('Show Output') },
  });
}

function themeIcon({ id, color }: { id: string; color?: string | undefined }): vscode.ThemeIcon {
  return color === undefined ? new vscode.ThemeIcon(id) : new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
}

function treeItem(label: string, fields: Partial<vscode.TreeItem>): vscode.TreeItem {
  return Object.assign(new vscode.TreeItem(label), fields);
}

/** Its command is that of all the others. */
function taskTitle({ number, item }: NonNullable<Job['task']>): string {
  return item === null ? String(number) : `${number}: ${shorten(oneLine(item), 120)}`;
}
