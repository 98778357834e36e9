import * as vscode from 'vscode';
import { mcpClients, mcpConfiguration, type McpClientId } from '../agents/mcpConfiguration.ts';
import { mcpServerCommand } from '../agents/mcpProvider.ts';
import { t } from '../base/l10n.ts';
import type { Handler } from './app.ts';

interface ClientItem extends vscode.QuickPickItem {
  id: McpClientId;
}

/** @returns what is in the clipboard then */
export const copyMcpConfiguration: Handler = async (app, [given]) => {
  const items = (Object.keys(mcpClients) as McpClientId[]).map((id): ClientItem => {
    const { name, file } = mcpClients[id];
    return { id, label: name, description: file };
  });
  const placeHolder = t('Which agent is to use the background jobs?');
  const item = items.find(({ id }) => id === given) ?? (await vscode.window.showQuickPick(items, { placeHolder }));
  if (!item) return undefined;
  const text = mcpConfiguration(item.id, mcpServerCommand(app.context));
  await vscode.env.clipboard.writeText(text);
  void vscode.window.showInformationMessage(t('Copied. Add it to {0} for {1}.', mcpClients[item.id].file, item.label));
  return text;
};
