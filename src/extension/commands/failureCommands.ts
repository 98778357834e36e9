import { createRequire } from 'node:module';
import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { linesBundle } from '../../bundles.ts';
import { endText } from '../../text/endText.ts';
import { capitalized, commandText, jobTitle } from '../../text/grammar.ts';
import type * as Lines from '../../text/lines.ts';
import { t } from '../base/l10n.ts';
import { JobProblems } from '../problems/jobProblems.ts';
import { targets, type Handler } from './app.ts';

export const explainFailure = withChat(t('Explain Failure with Chat'), 'ask', (name) =>
  t('Explain why the background job "{0}" failed. Do not change anything.', name),
);

export const fixFailure = withChat(t('Fix Failure with Chat'), 'agent', (name) =>
  t('The background job "{0}" failed. Find out why and fix it.', name),
);

/** After an id, names of problem matchers can be passed. They are remembered for the command of the job. */
export const matchProblems: Handler = async (app, args) => {
  const title = t('Match Problems in Output');
  const none = t('No jobs have run.');
  const { jobs, given } = await targets(app, args, { flag: 'problems', title, none });
  const [job] = jobs;
  if (!job) return;
  const names = Array.isArray(given) ? given.map(String) : await pickMatchers(title, app.problems.matchersOf(job));
  if (!names) return;
  await app.problems.choose(job, names);
  if (names.length > 0) await vscode.commands.executeCommand('workbench.actions.view.problems');
};

async function pickMatchers(title: string, chosen: readonly string[]): Promise<string[] | undefined> {
  const items = JobProblems.names().map((label) => ({ label, picked: chosen.includes(label) }));
  const placeHolder = t('Select problem matchers for this command. They are remembered.');
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder, canPickMany: true });
  return picked?.map(({ label }) => label);
}

function withChat(title: string, mode: 'ask' | 'agent', request: (name: string) => string): Handler {
  return async (app, args) => {
    const { service, jobs } = await targets(app, args, { flag: 'explain', title, none: t('No failed jobs.') });
    const [job] = jobs;
    if (!job) return;
    const query = [request(jobTitle(job)), '', ...(await facts(job, service))].join('\n');
    await vscode.commands.executeCommand('workbench.action.chat.open', { query, mode });
  };
}

async function facts(job: Job, service: JobService): Promise<string[]> {
  const { failureExcerpt } = createRequire(linesBundle)(linesBundle) as typeof Lines;
  const { firstErrors, end } = await failureExcerpt(service, job);
  return [
    t('Command: {0}', commandText(job)),
    t('Folder: {0}', job.cwd),
    t('Result: {0}', capitalized(endText(job, t))),
    ...(firstErrors === '' ? [] : ['', t('First errors in its output:'), ...quoted(firstErrors)]),
    ...(end === '' ? ['', t('It wrote nothing.')] : ['', t('End of its output:'), ...quoted(end)]),
    '',
    t('The ID of the job is {0}.', job.shortId),
  ];
}

/** A block of code, whatever is in it. */
function quoted(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [fence, text, fence];
}
