import * as json from './json.ts';
import { OpenCalls, type Draft, type LineParser } from './lineParser.ts';

const tools = { run_commands: 'command', editor: { path: 'path' } } as const;

/** Cline, `cline --json`. */
export function clineParser(): LineParser {
  const calls = new OpenCalls(tools);
  return (line) => {
    switch (line['type']) {
      case 'hook_event':
        if (line['hookEventName'] !== 'agent_start' || json.nameOf(line['parentAgentId']) !== null) return [];
        return [{ type: 'started', text: 'Cline', sessionId: json.nameOf(line['taskId']) }];
      case 'agent_event':
        return agentEvents(json.objectOf(line['event']), calls);
      case 'error':
        return [{ type: 'error', text: json.textOf(line['message']) }];
      case 'run_aborted':
        return [{ type: 'result', status: 'failed', text: 'aborted' }];
      case 'run_result':
        return [result(line)];
      default:
        return [{ type: 'other', text: json.jsonText(line) }];
    }
  };
}

function agentEvents(event: json.JsonObject, calls: OpenCalls): Draft[] {
  const isTool = event['contentType'] === 'tool';
  switch (event['type']) {
    case 'content_start':
      return isTool ? [calls.start(event['toolCallId'], event['toolName'], event['input'])] : [];
    case 'content_end':
      if (isTool) return [toolEnd(event, calls)];
      if (event['contentType'] === 'reasoning') return [{ type: 'reasoning', text: json.textOf(event['reasoning']) }];
      return [{ type: 'message', role: 'assistant', text: json.textOf(event['text']) }];
    case 'error':
      return [{ type: 'error', text: json.textOf(json.objectOf(event['error'])['message']) }];
    default:
      return [];
  }
}

function toolEnd(event: json.JsonObject, calls: OpenCalls): Draft {
  const call = calls.end(event['toolCallId']);
  const { output } = event;
  const parts = Array.isArray(output) ? json.objectsOf(output) : [json.objectOf(output)];
  const error = parts.map((part) => json.textOf(part['error'])).find((text) => text !== '');
  const failed = error !== undefined || parts.some((part) => part['success'] === false);
  const text = parts.map((part) => json.textOf(part['result']) || json.contentText(part['content'])).join('\n');
  const done = { ...call, status: failed ? 'failed' : 'completed', text: text || (error ?? '') } as const;
  if (call.type === 'file') return { ...done, change: text.startsWith('File created') ? 'add' : 'update' };
  if (call.type !== 'command') return done;
  const code = failed ? /^Command exited with code (\d{1,3})\b/.exec(error ?? '')?.[1] : '0';
  return { ...done, exitCode: code === undefined ? null : Number(code) };
}

function result(line: json.JsonObject): Draft {
  const reason = json.textOf(line['finishReason']);
  const spent = json.objectOf(line['usage']);
  const tokens = { input_tokens: spent['inputTokens'], output_tokens: spent['outputTokens'] };
  return {
    type: 'result',
    status: reason === 'completed' ? 'completed' : 'failed',
    text: json.textOf(line['text']) || reason,
    usage: json.usageOf({ ...tokens, cached: spent['cacheReadTokens'] }, 'cached'),
    costUsd: json.numberOrNull(spent['totalCost']),
  };
}
