import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import * as vscode from 'vscode';
import { codingAgentName, type CodingAgentName, type CodingAgentOption } from '../../api/options.ts';
import { commandLine } from '../../text/grammar.ts';
import { storageKeys } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { parseArguments } from './arguments.ts';

const programs: Record<CodingAgentName, string> = {
  claude: 'Claude Code',
  codex: 'Codex',
  copilot: 'GitHub Copilot CLI',
};

/** Prompts for the agent, its task and its options. @returns undefined when the user has canceled */
export async function askAgent(state: vscode.Memento): Promise<CodingAgentOption | undefined> {
  const name = await pickAgent();
  if (name === undefined) return undefined;
  const prompt = await askPrompt(programs[name]);
  if (prompt === undefined) return undefined;
  const before = state.get<Partial<Record<CodingAgentName, string[]>>>(storageKeys.agentArguments, {});
  const typed = await vscode.window.showInputBox({
    title: programs[name],
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
export async function askPrompt(title: string): Promise<string | undefined> {
  const prompt = t('Describe the task');
  const typed = await vscode.window.showInputBox({ title, prompt, ignoreFocusOut: true });
  return typed?.trim() === '' ? undefined : typed;
}

async function pickAgent(): Promise<CodingAgentName | undefined> {
  const items = await Promise.all(codingAgentName.options.map(agentItem));
  const found = items.filter((item) => item.isFound);
  const missing = items.filter((item) => !item.isFound);
  const line = { label: t('Not found on the PATH'), kind: vscode.QuickPickItemKind.Separator, name: undefined };
  const offered = missing.length === 0 ? found : [...found, line, ...missing];
  return (await vscode.window.showQuickPick(offered, { title: t('Start Coding Agent') }))?.name;
}

async function agentItem(name: CodingAgentName) {
  const path = await findProgram(name);
  return { label: `$(hubot) ${programs[name]}`, description: path ?? name, name, isFound: path !== undefined };
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
