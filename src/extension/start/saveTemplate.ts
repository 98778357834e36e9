import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { startRequest } from '../../api/options.ts';
import { isRecord } from '../../api/values.ts';
import { section, settings } from '../base/ids.ts';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import { templates } from '../tasks/templates.ts';
import { openTemplate } from './openDefinition.ts';
import { askText } from './questions.ts';

/** Saves a start in the settings of the workspace, or in the user's where there is no folder. */
export async function saveAsTemplate(title: string, { request }: JobStart): Promise<void> {
  const known = new Set(templates().map(({ name }) => name));
  const validate = (text: string): string | vscode.InputBoxValidationMessage | undefined => {
    if (text === '') return t('Enter a name.');
    const message = t('A template "{0}" exists and is replaced.', text);
    return known.has(text) ? { message, severity: vscode.InputBoxValidationSeverity.Info } : undefined;
  };
  const name = await askText({ title, prompt: t('Template name'), value: request.name ?? '', validate });
  if (name === undefined) return;
  const hasFolder = (vscode.workspace.workspaceFolders ?? []).length > 0;
  const target = hasFolder ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  const configuration = vscode.workspace.getConfiguration(section);
  const inspected = configuration.inspect<unknown>(settings.templates);
  const before = hasFolder ? inspected?.workspaceValue : inspected?.globalValue;
  const all = { ...(isRecord(before) ? before : {}), [name]: definitionOf(name, request) };
  await configuration.update(settings.templates, all, target);
  const open = t('Open Settings');
  const said = vscode.window.showInformationMessage(withoutLinks(t('Saved the template "{0}".', name)), open);
  void said.then((choice) => (choice === open ? openTemplate(name) : undefined));
}

/** Without what belongs to this start alone, and without what holds anyway. */
function definitionOf(template: string, request: JobStart['request']): Record<string, unknown> {
  const { at, delayMs, dependsOn, session, actor, inheritEnv, inheritEnvFrom, cwd, name, ...rest } = request;
  const defaults: Record<string, unknown> = startRequest.parse({ command: 'true', cwd });
  const own = Object.entries(rest).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key]));
  // With several folders, a template runs in the one that is picked.
  const [only, another] = vscode.workspace.workspaceFolders ?? [];
  const folder = another ? undefined : only?.uri.fsPath;
  const place = folder === undefined ? cwd : relative(folder, cwd);
  const isWithin = folder !== undefined && place !== '..' && !place.startsWith(`..${sep}`);
  return {
    ...Object.fromEntries(own),
    ...(request.command !== undefined && { command: request.command }),
    ...(name === undefined || name === template ? {} : { name }),
    ...(place === '' ? {} : { cwd: isWithin ? place : cwd }),
  };
}
