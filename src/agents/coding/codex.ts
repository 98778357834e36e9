import {
  contentText,
  countOrNull,
  jsonText,
  nameOf,
  objectOf,
  objectsOf,
  textOf,
  usageOf,
  type Draft,
  type JsonObject,
  type LineParser,
} from './lineParser.ts';

type Status = 'started' | 'completed' | 'failed';

/** Codex CLI, `codex exec --json`: codex-rs/exec/src/exec_events.rs of openai/codex. */
export function codexParser(): LineParser {
  let sessionId: string | null = null;
  let answer = '';
  return (line) => {
    switch (line['type']) {
      case 'thread.started':
        sessionId = nameOf(line['thread_id']);
        return [{ type: 'started', text: 'Codex', sessionId }];
      case 'turn.started':
        return [];
      case 'item.started':
      case 'item.updated':
      case 'item.completed': {
        const drafts = itemEvents(objectOf(line['item']), line['type']);
        answer = drafts.findLast(({ type }) => type === 'message')?.text ?? answer;
        return drafts;
      }
      case 'turn.completed':
        return [
          {
            type: 'result',
            status: 'completed',
            text: answer,
            sessionId,
            usage: usageOf(line['usage'], 'cached_input_tokens'),
          },
        ];
      case 'turn.failed':
        return [{ type: 'result', status: 'failed', text: textOf(objectOf(line['error'])['message']), sessionId }];
      case 'error':
        return [{ type: 'error', text: textOf(line['message']) }];
      default:
        return [{ type: 'other', text: jsonText(line) }];
    }
  };
}

function itemEvents(item: JsonObject, line: 'item.started' | 'item.updated' | 'item.completed'): Draft[] {
  const callId = nameOf(item['id']);
  const status = statusOf(item, line);
  const isWhole = line === 'item.completed';
  switch (item['type']) {
    case 'agent_message':
      return isWhole ? [{ type: 'message', role: 'assistant', text: textOf(item['text']) }] : [];
    case 'reasoning':
    case 'plan':
      return isWhole ? [{ type: 'reasoning', text: textOf(item['text']) }] : [];
    case 'command_execution': {
      if (line === 'item.updated') return [];
      const exitCode = countOrNull(item['exit_code']);
      const command = textOf(item['command']);
      return [{ type: 'command', status, callId, command, exitCode, text: textOf(item['aggregated_output']) }];
    }
    case 'file_change':
      if (line === 'item.updated') return [];
      return objectsOf(item['changes']).map((change) => ({
        type: 'file',
        status,
        callId,
        path: nameOf(change['path']),
        change: changeOf(change['kind']),
      }));
    case 'error':
      return [{ type: 'error', text: textOf(item['message']) }];
    case 'todo_list':
      return [{ type: 'tool', tool: 'todo_list', status, callId, text: objectsOf(item['items']).map(todo).join('\n') }];
    default:
      return line === 'item.updated' ? [] : [{ type: 'tool', status, callId, ...toolOf(item, isWhole) }];
  }
}

function statusOf(item: JsonObject, line: string): Status {
  if (line !== 'item.completed') return 'started';
  return item['status'] === 'failed' || item['status'] === 'declined' ? 'failed' : 'completed';
}

function changeOf(kind: unknown): 'add' | 'update' | 'delete' | null {
  return kind === 'add' || kind === 'update' || kind === 'delete' ? kind : null;
}

function toolOf(item: JsonObject, isWhole: boolean): Pick<Draft, 'tool' | 'text'> {
  switch (item['type']) {
    case 'mcp_tool_call': {
      const tool = nameOf(`${textOf(item['server'])}.${textOf(item['tool'])}`);
      if (!isWhole) return { tool, text: jsonText(item['arguments']) };
      const error = textOf(objectOf(item['error'])['message']);
      return { tool, text: error || contentText(objectOf(item['result'])['content']) };
    }
    case 'web_search':
      return { tool: 'web_search', text: textOf(item['query']) };
    case 'collab_tool_call':
      return { tool: nameOf(item['tool']), text: textOf(item['prompt']) };
    default:
      return { tool: nameOf(item['type']), text: jsonText(item) };
  }
}

function todo(item: JsonObject): string {
  return `[${item['completed'] === true ? 'x' : ' '}] ${textOf(item['text'])}`;
}
