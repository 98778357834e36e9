import * as vscode from 'vscode';
import { editorToolName, editorTools, type EditorToolName } from '../../agents/tools/names.ts';
import type { App } from '../commands/context.ts';
import { EditorTool } from './editorTool.ts';

/** Offers the tools to the agents of the editor. What they do is loaded with the first call. */
export function registerTools(app: App): vscode.Disposable {
  const names = Object.keys(editorTools) as EditorToolName[];
  const registered = names.map((name) => vscode.lm.registerTool(editorToolName(name), new EditorTool(name, app)));
  return vscode.Disposable.from(...registered);
}
