import * as vscode from 'vscode';
import type { KillResult } from '../../api/control.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { SignalName } from '../../api/signals.ts';
import { isActive } from '../../api/values.ts';
import { jobTitle } from '../../text/grammar.ts';
import { number, t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import type { Notifications } from '../notify/notifications.ts';

export function inform(text: string): undefined {
  void vscode.window.showInformationMessage(withoutLinks(text));
}

export function warn(text: string): undefined {
  void vscode.window.showWarningMessage(withoutLinks(text));
}

/** @param yes the button that confirms */
export async function confirms(question: string, yes: string, detail = ''): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}

/** A failure does not stop the others. @throws the first failure, when all are done */
export async function onEach<T>(jobs: readonly Job[], action: (job: Job) => Promise<T>): Promise<T[]> {
  const results = await Promise.allSettled(jobs.map(action));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

export async function killAll(
  { notifications }: { notifications: Pick<Notifications, 'expect'> },
  { service, jobs }: { service: JobService; jobs: readonly Job[] },
  signal: SignalName,
): Promise<KillResult[]> {
  const results = await onEach(jobs, (job) => {
    if (!isActive(job.status)) return service.killJob(job.id, { signal });
    notifications.expect(job.id, job.run);
    // A run that started after the user's choice is not meant.
    return service.killJob(job.id, job.run === null ? { signal } : { signal, run: job.run });
  });
  tellSurvivors(results);
  for (const { result, leftoversEnded, job } of results) {
    if (result !== 'already_terminated') continue;
    const text = leftoversEnded > 0 ? t('"{0}": ended {1} remaining processes', jobTitle(job), leftoversEnded) : null;
    inform(text ?? t('"{0}" had already ended', jobTitle(job)));
  }
  return results;
}

export function tellSurvivors(results: readonly KillResult[]): void {
  for (const { survivors, job } of results) {
    if (survivors.length === 0) continue;
    const names = survivors.map(({ pid, command }) => `${pid} (${command})`).join(', ');
    warn(t('Can\'t end these processes of "{0}": {1}', jobTitle(job), names));
  }
}

/** @param asks whether the person confirms it first */
export async function removeAll(service: JobService, jobs: readonly Job[], asks: boolean): Promise<Job[]> {
  const [only] = jobs;
  if (!only) return [];
  const text =
    jobs.length === 1
      ? t('Remove "{0}" and its logs?', jobTitle(only))
      : t('Remove {0} jobs and their logs?', number(jobs.length));
  if (asks && !(await confirms(text, t('Remove')))) return [];
  return onEach(jobs, (job) => service.removeJob(job.id));
}
