import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import * as vscode from 'vscode';
import type { CodingAgentName, CodingAgentOption } from '../../api/options.ts';
import { codingAgentNames, codingAgentTitles } from '../../api/values.ts';
import { commandLine, jobTitle } from '../../text/grammar.ts';
import { storageKeys } from '../base/ids.ts';
import { jobEnvironment } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { parseArguments } from '../base/arguments.ts';
import { pickFolder } from '../base/pickFolder.ts';
import { startShown, targets, trusted } from './app.ts';

export const startAgent = trusted(async (app) => {
  const codingAgent = await askAgent(app.context.workspaceState);
  if (!codingAgent) return;
  const cwd = await pickFolder();
  return cwd === undefined ? undefined : startShown(app, { request: { codingAgent, cwd } });
});

/** After an id, the prompt can be passed. */
export const continueAgent = trusted(async (app, args) => {
  const title = t('Continue Agent Session');
  const none = t('No finished agent jobs.');
  const { service, jobs, given } = await targets(app, args, { flag: 'continue', title, none });
  const [job] = jobs;
  if (!job) return;
  const prompt = typeof given === 'string' ? given : await askPrompt(jobTitle(job));
  if (prompt === undefined) return;
  const next = await service.continueJob(job.id, { prompt, inheritEnv: jobEnvironment(process.env) });
  await app.showStarted(next.id);
  return next;
});

/** Prompts for the agent, its task and its options. @returns undefined when the user has canceled */
async function askAgent(state: vscode.Memento): Promise<CodingAgentOption | undefined> {
  const name = await pickAgent();
  if (name === undefined) return undefined;
  const prompt = await askPrompt(codingAgentTitles[name]);
  if (prompt === undefined) return undefined;
  const before = state.get<Partial<Record<CodingAgentName, string[]>>>(storageKeys.agentArguments, {});
  const typed = await vscode.window.showInputBox({
    title: codingAgentTitles[name],
    prompt: t('Command-line options (optional), for example to allow actions without asking'),
    value: commandLine({ command: null, argv: before[name] ?? [] }),
    ignoreFocusOut: true,
  });
  if (typed === undefined) return undefined;
  const given = parseArguments(typed);
  await state.update(storageKeys.agentArguments, { ...before, [name]: given });
  return { name, prompt, arguments: given };
}

/** @returns undefined when the user has canceled */
async function askPrompt(title: string): Promise<string | undefined> {
  const prompt = t('Describe the task');
  const typed = await vscode.window.showInputBox({ title, prompt, ignoreFocusOut: true });
  return typed?.trim() === '' ? undefined : typed;
}

async function pickAgent(): Promise<CodingAgentName | undefined> {
  const agents = codingAgentNames.map(async (name) => ({ name, path: await findProgram(name) }));
  const items = (await Promise.all(agents)).map(({ name, path }) => {
    return {
      label: `$(hubot) ${codingAgentTitles[name]}`,
      description: path ?? name,
      name,
      isFound: path !== undefined,
    };
  });
  const missing = items.filter(({ isFound }) => !isFound);
  const line = { label: t('Not found on the PATH'), kind: vscode.QuickPickItemKind.Separator, name: undefined };
  const offered = [...items.filter(({ isFound }) => isFound), ...(missing.length === 0 ? [] : [line, ...missing])];
  return (await vscode.window.showQuickPick(offered, { title: t('Start Coding Agent') }))?.name;
}

/** The first one on the PATH, where npm and the agents' own installers put it. */
async function findProgram(name: string): Promise<string | undefined> {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const path of folders.flatMap((folder) => endings.map((ending) => join(folder, `${name}${ending}`)))) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
