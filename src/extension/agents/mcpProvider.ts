import * as vscode from 'vscode';
import { packageVersion } from '../../bundles.ts';
import { mcpServerProvider } from '../base/ids.ts';
import { offersMcpServer, onDidChangeSettings } from '../base/settings.ts';
import { bgjobsPath } from '../terminal/terminalPath.ts';
import type { McpServerCommand } from './mcpConfiguration.ts';

/** How an agent starts the MCP server of this editor's jobs. */
export function mcpServerCommand(context: vscode.ExtensionContext): McpServerCommand {
  const home = process.env['BGJOBS_HOME'];
  return { command: bgjobsPath(context), env: home ? { BGJOBS_HOME: home } : {} };
}

/** Offers the MCP server to this editor too, where the user wants it: the tools of the extension serve here already. */
export function offerMcpServer(context: vscode.ExtensionContext, session: () => string): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.McpServerDefinitionProvider = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions() {
      if (!offersMcpServer() || !vscode.workspace.isTrusted) return [];
      const { command, env } = mcpServerCommand(context);
      const cwd = vscode.workspace.workspaceFolders?.[0]?.uri;
      const args = ['mcp', '--session', session(), ...(cwd ? ['--cwd', cwd.fsPath] : [])];
      return [new vscode.McpStdioServerDefinition('Background Jobs', command, args, env, packageVersion())];
    },
  };
  return vscode.Disposable.from(
    changed,
    onDidChangeSettings(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.lm.registerMcpServerDefinitionProvider(mcpServerProvider, provider),
  );
}
