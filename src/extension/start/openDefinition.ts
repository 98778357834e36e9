import * as vscode from 'vscode';
import { section, settings } from '../base/ids.ts';
import { templateNamed } from '../tasks/templates.ts';
import { scriptPlaces } from './scriptPlaces.ts';

/** Where something that can be started is defined. */
export type Definition =
  | { type: 'file'; file: string; name: string }
  /** A template of the settings. */
  | { type: 'setting'; name: string }
  | { type: 'task' };

/** Opens the place where something is defined. */
export async function openDefinition(definition: Definition): Promise<void> {
  if (definition.type === 'file') return openAt(vscode.Uri.file(definition.file), definition.name);
  if (definition.type === 'setting') return openTemplate(definition.name);
  await vscode.commands.executeCommand('workbench.action.tasks.configureTaskRunner');
}

/** In the settings that have it: of a folder, of the workspace, or of the user. */
export async function openTemplate(name: string): Promise<void> {
  const key = `${section}.${settings.templates}`;
  const { folder } = templateNamed(name);
  if (folder !== undefined) {
    return openAt(vscode.Uri.joinPath(vscode.Uri.file(folder), '.vscode', 'settings.json'), name);
  }
  const inspected = vscode.workspace.getConfiguration(section).inspect<Record<string, unknown>>(settings.templates);
  const ofWorkspace = inspected?.workspaceValue !== undefined && name in inspected.workspaceValue;
  const command = ofWorkspace ? 'workbench.action.openWorkspaceSettingsFile' : 'workbench.action.openSettingsJson';
  await vscode.commands.executeCommand(command, { revealSetting: { key } });
}

async function openAt(uri: vscode.Uri, name: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const text = document.getText();
  const place = scriptPlaces(uri.fsPath, text).find((one) => one.name === name);
  const line = place?.line ?? text.split('\n').findIndex((content) => content.includes(name));
  const position = new vscode.Position(Math.max(0, line), 0);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(position, position) });
}
