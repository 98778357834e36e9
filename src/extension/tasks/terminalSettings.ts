import * as vscode from 'vscode';
import { isRecord } from '../../api/values.ts';
import type { Environment } from '../base/jobStart.ts';
import { shell } from '../base/settings.ts';
import type { TaskShell } from '../definitions/taskJob.ts';
import { resolveVariables, type VariableScope } from '../definitions/taskVariables.ts';

const platform = { win32: 'windows', darwin: 'osx' }[process.platform as string] ?? 'linux';

/** What the settings of the terminal change in the environment of every task of a folder. */
export function terminalEnvironment(scope: VariableScope): Environment {
  return environmentOf(setting('env', scope), scope);
}

/**
 * What runs the lines of shell tasks, with its environment: our own setting, the terminal's profile for automation, its
 * default profile, or the user's shell.
 */
export function taskShell(scope: VariableScope): TaskShell & { env: Environment } {
  const own = shell();
  if (own !== undefined) return { path: own, args: [], env: {}, isUsers: true };
  const automation = setting('automationProfile', scope);
  const ofAutomation = isRecord(automation) && typeof automation['path'] === 'string' ? automation : undefined;
  const profiles = setting('profiles', scope);
  const chosen = isRecord(profiles) ? profiles[String(setting('defaultProfile', scope))] : undefined;
  const profile = ofAutomation ?? (isRecord(chosen) ? chosen : {});
  const { args = [], env } = profile;
  return {
    path: ofAutomation ? resolved(String(ofAutomation['path']), scope) : vscode.env.shell,
    args: [args].flat().map((word) => resolved(String(word), scope)),
    env: environmentOf(env, scope),
    isUsers: !ofAutomation && !isRecord(chosen) && process.platform !== 'win32',
  };
}

function setting(name: string, { folder }: VariableScope): unknown {
  return vscode.workspace.getConfiguration('terminal.integrated', vscode.Uri.file(folder)).get(`${name}.${platform}`);
}

function environmentOf(value: unknown, scope: VariableScope): Environment {
  const entries = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.map(([name, one]) => [name, typeof one === 'string' ? resolved(one, scope) : null]),
  );
}

/** A variable without a value stays as it is: a setting of the terminal keeps no task from starting. */
function resolved(text: string, scope: VariableScope): string {
  try {
    return resolveVariables(text, scope);
  } catch {
    return text;
  }
}
