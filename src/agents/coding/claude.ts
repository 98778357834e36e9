import {
  contentText,
  jsonText,
  nameOf,
  numberOrNull,
  objectOf,
  objectsOf,
  OpenCalls,
  textOf,
  usageOf,
  type Call,
  type Draft,
  type JsonObject,
  type LineParser,
} from './lineParser.ts';

/** Claude Code, `claude -p --output-format stream-json --verbose`: code.claude.com/docs, "Agent SDK reference". */
export function claudeParser(): LineParser {
  const calls = new OpenCalls();
  return (line) => {
    switch (line['type']) {
      case 'system':
        return system(line);
      case 'assistant':
        return objectsOf(objectOf(line['message'])['content']).flatMap((block) => assistantEvent(block, line, calls));
      case 'user':
        return userEvents(line, calls);
      case 'result':
        return [result(line)];
      case 'stream_event':
        return []; // Fragments; the whole message follows.
      default:
        return [{ type: 'other', text: jsonText(line) }];
    }
  };
}

function system(line: JsonObject): Draft[] {
  if (line['subtype'] !== 'init') return [{ type: 'other', text: jsonText(line) }];
  const text = `Claude Code ${textOf(line['claude_code_version'])}`.trim();
  return [{ type: 'started', text, sessionId: nameOf(line['session_id']), model: nameOf(line['model']) }];
}

function assistantEvent(block: JsonObject, line: JsonObject, calls: OpenCalls): Draft[] {
  switch (block['type']) {
    case 'text':
      if (line['error'] !== undefined) return [{ type: 'error', text: textOf(block['text']) }];
      return [{ type: 'message', role: 'assistant', text: textOf(block['text']) }];
    case 'thinking':
      return [{ type: 'reasoning', text: textOf(block['thinking']) }];
    case 'tool_use': {
      const input = objectOf(block['input']);
      const call = callOf(nameOf(block['name']), input);
      return [calls.start(nameOf(block['id']), call, call.type === 'tool' ? jsonText(input) : '')];
    }
    default:
      return [{ type: 'other', text: jsonText(block) }];
  }
}

function callOf(tool: string | null, input: JsonObject): Call {
  switch (tool) {
    case 'Bash':
      return { type: 'command', tool, command: textOf(input['command']) };
    case 'Write':
      return { type: 'file', tool, path: nameOf(input['file_path']) };
    case 'Edit':
    case 'MultiEdit':
      return { type: 'file', tool, path: nameOf(input['file_path']), change: 'update' };
    case 'NotebookEdit':
      return { type: 'file', tool, path: nameOf(input['notebook_path']), change: 'update' };
    default:
      return { type: 'tool', tool };
  }
}

function userEvents(line: JsonObject, calls: OpenCalls): Draft[] {
  const { content } = objectOf(line['message']);
  if (typeof content === 'string') return [{ type: 'message', role: 'user', text: textOf(content) }];
  return objectsOf(content).map((block): Draft => {
    if (block['type'] === 'tool_result') return toolResult(block, line['tool_use_result'], calls);
    if (block['type'] === 'text') return { type: 'message', role: 'user', text: textOf(block['text']) };
    return { type: 'other', text: jsonText(block) };
  });
}

function toolResult(block: JsonObject, details: unknown, calls: OpenCalls): Draft {
  const callId = nameOf(block['tool_use_id']);
  const call = calls.end(callId);
  const failed = block['is_error'] === true;
  const text = contentText(block['content']);
  const done = { ...call, callId, status: failed ? 'failed' : 'completed', text } as const;
  if (call.type === 'command') return { ...done, exitCode: exitCode(text, failed, objectOf(details)) };
  if (call.type !== 'file') return done;
  return { ...done, change: call.change ?? (objectOf(details)['type'] === 'create' ? 'add' : 'update') };
}

/** Claude Code prints exit codes only for failures. Null for interpreted codes and for commands moved to the background. */
function exitCode(text: string, failed: boolean, details: JsonObject): number | null {
  const printed = /^(?:Error: )?Exit code (\d{1,3})\b/.exec(text)?.[1];
  if (failed) return printed === undefined ? null : Number(printed);
  const isPlain = ['returnCodeInterpretation', 'backgroundTaskId'].every((name) => details[name] === undefined);
  return isPlain && details['interrupted'] === false ? 0 : null;
}

function result(line: JsonObject): Draft {
  const errors = Array.isArray(line['errors']) ? line['errors'].map(jsonText).join('\n') : '';
  return {
    type: 'result',
    status: line['is_error'] === true ? 'failed' : 'completed',
    text: textOf(line['result']) || errors || textOf(line['subtype']),
    sessionId: nameOf(line['session_id']),
    costUsd: numberOrNull(line['total_cost_usd']),
    usage: usageOf(line['usage'], 'cache_read_input_tokens'),
  };
}
