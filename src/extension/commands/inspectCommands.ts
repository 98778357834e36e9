import * as vscode from 'vscode';
import type { Inspection, LiveProcess } from '../../api/inspection.ts';
import type { Job } from '../../api/job.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons, withoutLinks } from '../base/readableText.ts';
import { bytes, jobTitle, shorten } from '../../text/grammar.ts';
import type { Handler } from './app.ts';
import { targets } from './targets.ts';

/** By id nothing is shown: the caller gets what was found. */
export const inspect: Handler = async (app, args) => {
  const question = { flag: 'inspect', title: t('Inspect the Processes of a Job'), none: t('No job runs.') } as const;
  const { service, jobs, byId } = await targets(app, args, question);
  const [job] = jobs;
  if (!job) return undefined;
  if (byId) return service.inspectJob(job.id);
  const inspection = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t('Looking at the processes of {0}…', jobTitle(job)) },
    () => service.inspectJob(job.id),
  );
  if (inspection.totals.processes > 0) return pick(job, inspection);
  void vscode.window.showInformationMessage(withoutLinks(t('No process of "{0}" is alive.', jobTitle(job))));
  return undefined;
};

/** What is chosen, its pid is copied. */
async function pick(job: Job, { processes, leftovers, totals }: Inspection): Promise<void> {
  const items = [...processes, ...leftovers].map((process) => ({
    label: withoutIcons(shorten(process.command, 120)),
    description: [t('pid {0}', process.pid), ...usage(process)].join(' · '),
    pid: process.pid,
  }));
  const title = [t('Processes of {0}', jobTitle(job)), ...usage(totals)].join(' · ');
  const options = { title, placeHolder: t('Choose a process to copy its pid'), matchOnDescription: true };
  const chosen = await vscode.window.showQuickPick(items, options);
  if (chosen) await vscode.env.clipboard.writeText(String(chosen.pid));
}

function usage({ cpu, memory }: Pick<LiveProcess, 'cpu' | 'memory'>): string[] {
  return [cpu === null ? [] : t('{0}% CPU', cpu.toFixed(1)), memory === null ? [] : bytes(memory)].flat();
}
