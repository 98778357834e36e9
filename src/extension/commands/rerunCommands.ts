import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import type { StartRequest } from '../../api/start.ts';
import { t } from '../base/l10n.ts';
import { startJob } from '../host/startJob.ts';
import { requireTrust } from '../base/trust.ts';
import { commandText } from '../../text/grammar.ts';
import type { Handler } from './app.ts';
import { targets } from './targets.ts';

/** By id, the command line can be given behind it. */
export const rerunWithEdits: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const title = t('Rerun a Job with Edits');
  const { jobs, byId } = await targets(app, args, { flag: 'rerun', title, none: t('No job to rerun.') });
  const [job] = jobs;
  if (!job) return;
  const line = byId && typeof args[1] === 'string' ? args[1] : await askLine(title, job);
  if (!line) return;
  const what = line === commandText(job) && job.argv ? { argv: job.argv } : { command: line };
  const made = await startJob(app, { request: { ...sameOptions(job), ...what } });
  await app.reveal(made.id);
  return made;
};

async function askLine(title: string, job: Job): Promise<string | undefined> {
  const { env } = job.options;
  const lost = t('Values of its environment are not known any more: {0}', env.join(', '));
  const prompt = t('The command line of the new job, in {0}', job.cwd);
  const typed = await vscode.window.showInputBox({
    title,
    prompt: env.length === 0 ? prompt : `${prompt}. ${lost}`,
    value: commandText(job),
    ignoreFocusOut: true,
  });
  return typed?.trim();
}

/** What is recorded of how it was started. When, after what and under which key is of that start alone. */
function sameOptions(job: Job): Partial<StartRequest> & { cwd: string } {
  const { shell, timeoutMs, idleTimeoutMs, graceMs, stdin, capture, maxLogBytes, leftovers, limits } = job.options;
  const { retry, restart, mutex, readyWhen } = job.options;
  return {
    cwd: job.cwd,
    session: job.session,
    tags: job.tags,
    priority: job.priority,
    graceMs,
    capture,
    maxLogBytes,
    leftovers,
    limits,
    ...(stdin === 'pipe' && { stdin: { type: 'pipe' as const } }),
    ...given({
      name: job.name,
      shell: job.argv ? null : shell,
      timeoutMs,
      idleTimeoutMs,
      retry,
      restart,
      mutex,
      readyWhen,
    }),
  };
}

type Given<T> = { [Key in keyof T]?: NonNullable<T[Key]> };

function given<T extends Record<string, unknown>>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Given<T>;
}
