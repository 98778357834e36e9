import * as vscode from 'vscode';
import { addressVariable, type Message, type ModelAnswer, type ModelRequest, type Part } from './exchange.ts';

const model: vscode.LanguageModelChatInformation = {
  id: 'scripted',
  name: 'Scripted',
  family: 'scripted',
  version: '1',
  maxInputTokens: 1_000_000,
  maxOutputTokens: 100_000,
  capabilities: { toolCalling: true },
};

/** Registers a model that gets its answers from the test, and notifies the test when an agent can use the model. */
export function activate(context: vscode.ExtensionContext): void {
  const provider: vscode.LanguageModelChatProvider = {
    provideLanguageModelChatInformation: () => [model],
    provideTokenCount: (_model, text) => Promise.resolve(typeof text === 'string' ? Math.ceil(text.length / 4) : 1),
    async provideLanguageModelChatResponse(_model, messages, { tools = [] }, progress, token) {
      const { text, call } = await askTest({ tools: [...tools], messages: messages.map(messageOf) }, token);
      if (text !== undefined) progress.report(new vscode.LanguageModelTextPart(text));
      if (call) progress.report(new vscode.LanguageModelToolCallPart(call.id, call.name, call.input));
    },
  };
  context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider('scripted', provider));
  void agentIsActive().then(() => send('PUT', 'active'));
}

/** VS Code's own agent is disabled until the chat is used. */
async function agentIsActive(): Promise<void> {
  const find = () => vscode.extensions.getExtension('GitHub.copilot-chat');
  while (!find()) await new Promise<void>((resolve) => vscode.extensions.onDidChange(() => resolve()));
  await find()?.activate();
}

async function askTest(request: ModelRequest, token: vscode.CancellationToken): Promise<ModelAnswer> {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  const response = await send('POST', JSON.stringify(request), abort.signal);
  return (await response.json()) as ModelAnswer;
}

function send(method: string, body: string, signal?: AbortSignal): Promise<Response> {
  return fetch(process.env[addressVariable] ?? '', { method, body, ...(signal && { signal }) });
}

function messageOf({ role, content }: vscode.LanguageModelChatRequestMessage): Message {
  return { role: role === vscode.LanguageModelChatMessageRole.User ? 'user' : 'assistant', parts: content.map(partOf) };
}

function partOf(part: unknown): Part {
  if (part instanceof vscode.LanguageModelTextPart) return { type: 'text', text: part.value };
  if (part instanceof vscode.LanguageModelToolCallPart)
    return { type: 'call', id: part.callId, name: part.name, input: part.input };
  if (part instanceof vscode.LanguageModelToolResultPart)
    return { type: 'result', id: part.callId, text: part.content.map(textOf).join('') };
  return { type: 'other' };
}

function textOf(part: unknown): string {
  return part instanceof vscode.LanguageModelTextPart ? part.value : JSON.stringify(part);
}
