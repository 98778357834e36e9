import * as json from './json.ts';
import type { Draft, LineParser } from './lineParser.ts';

/** Codex CLI, `codex exec --json`: codex-rs/exec/src/exec_events.rs of openai/codex. */
export function codexParser(): LineParser {
  return (line) => {
    switch (line['type']) {
      case 'thread.started':
        return [{ type: 'started', text: 'Codex', sessionId: json.nameOf(line['thread_id']) }];
      case 'turn.started':
        return [];
      case 'item.started':
      case 'item.updated':
      case 'item.completed':
        return itemEvents(json.objectOf(line['item']), line['type']);
      case 'turn.completed': {
        const usage = json.usageOf(line['usage'], 'cached_input_tokens');
        return [{ type: 'result', status: 'completed', usage }];
      }
      case 'turn.failed':
        return [{ type: 'result', status: 'failed', text: json.textOf(json.objectOf(line['error'])['message']) }];
      case 'error':
        return [{ type: 'error', text: json.textOf(line['message']) }];
      default:
        return [{ type: 'other', text: json.jsonText(line) }];
    }
  };
}

function itemEvents(item: json.JsonObject, line: string): Draft[] {
  const callId = json.nameOf(item['id']);
  const status = statusOf(item, line);
  const isWhole = line === 'item.completed';
  switch (item['type']) {
    case 'agent_message':
      return isWhole ? [{ type: 'message', role: 'assistant', text: json.textOf(item['text']) }] : [];
    case 'reasoning':
    case 'plan':
      return isWhole ? [{ type: 'reasoning', text: json.textOf(item['text']) }] : [];
    case 'command_execution': {
      if (line === 'item.updated') return [];
      const exitCode = json.countOrNull(item['exit_code']);
      const command = json.textOf(item['command']);
      return [{ type: 'command', status, callId, command, exitCode, text: json.textOf(item['aggregated_output']) }];
    }
    case 'file_change':
      if (line === 'item.updated') return [];
      return json.objectsOf(item['changes']).map(({ path, kind }) => {
        return { type: 'file', status, callId, path: json.nameOf(path), change: changeOf(kind) };
      });
    case 'error':
      return [{ type: 'error', text: json.textOf(item['message']) }];
    case 'todo_list':
      return [
        { type: 'tool', tool: 'todo_list', status, callId, text: json.objectsOf(item['items']).map(todo).join('\n') },
      ];
    default:
      return line === 'item.updated' ? [] : [{ type: 'tool', status, callId, ...toolOf(item, isWhole) }];
  }
}

function statusOf(item: json.JsonObject, line: string): NonNullable<Draft['status']> {
  if (line !== 'item.completed') return 'started';
  return item['status'] === 'failed' || item['status'] === 'declined' ? 'failed' : 'completed';
}

function changeOf(kind: unknown): NonNullable<Draft['change']> | null {
  return kind === 'add' || kind === 'update' || kind === 'delete' ? kind : null;
}

function toolOf(item: json.JsonObject, isWhole: boolean): Pick<Draft, 'tool' | 'text'> {
  switch (item['type']) {
    case 'mcp_tool_call': {
      const tool = json.nameOf(`${json.textOf(item['server'])}.${json.textOf(item['tool'])}`);
      if (!isWhole) return { tool, text: json.jsonText(item['arguments']) };
      const error = json.textOf(json.objectOf(item['error'])['message']);
      return { tool, text: error || json.contentText(json.objectOf(item['result'])['content']) };
    }
    case 'web_search':
      return { tool: 'web_search', text: json.textOf(item['query']) };
    case 'collab_tool_call':
      return { tool: json.nameOf(item['tool']), text: json.textOf(item['prompt']) };
    default:
      return { tool: json.nameOf(item['type']), text: json.jsonText(item) };
  }
}

function todo(item: json.JsonObject): string {
  return `[${item['completed'] === true ? 'x' : ' '}] ${json.textOf(item['text'])}`;
}
