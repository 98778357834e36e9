import {
  countOrNull,
  jsonText,
  nameOf,
  objectOf,
  objectsOf,
  OpenCalls,
  textOf,
  type Call,
  type Draft,
  type JsonObject,
  type LineParser,
} from './lineParser.ts';

/** GitHub Copilot CLI, `copilot --output-format=json`: docs/features/streaming-events.md of github/copilot-sdk. */
export function copilotParser(): LineParser {
  const calls = new OpenCalls();
  let isStarted = false;
  let answer = '';
  return (line) => {
    const data = objectOf(line['data']);
    switch (line['type']) {
      case 'session.tools_updated': // The first line of a session; the id comes last.
        if (isStarted) return [];
        isStarted = true;
        return [{ type: 'started', text: 'GitHub Copilot', model: nameOf(data['model']) }];
      case 'user.message':
        return [{ type: 'message', role: 'user', text: textOf(data['content']) }];
      case 'assistant.message': {
        const text = textOf(data['content']);
        if (text !== '') answer = text;
        return text === '' ? [] : [{ type: 'message', role: 'assistant', text }];
      }
      case 'assistant.reasoning':
        return [{ type: 'reasoning', text: textOf(data['content']) }];
      case 'tool.execution_start': {
        const call = callOf(nameOf(data['toolName']), objectOf(data['arguments']));
        const text = call.type === 'tool' ? jsonText(data['arguments']) : '';
        return [calls.start(nameOf(data['toolCallId']), call, text)];
      }
      case 'tool.execution_complete':
        return toolEnd(data, calls);
      case 'session.error':
        return [{ type: 'error', text: textOf(data['message']) }];
      case 'session.warning':
        return [{ type: 'other', text: textOf(data['message']) }];
      case 'result':
        return [result(line, answer)];
      default:
        return isBookkeeping(line) ? [] : [{ type: 'other', text: jsonText(line) }];
    }
  };
}

/** Fragments and internal events, of which a run has hundreds. */
function isBookkeeping(line: JsonObject): boolean {
  return line['ephemeral'] === true || /^(?:session|assistant|model|hook|tool|system)\./.test(textOf(line['type']));
}

function callOf(tool: string | null, input: JsonObject): Call {
  switch (tool) {
    case 'bash':
    case 'powershell':
      return { type: 'command', tool, command: textOf(input['command']) };
    case 'create':
      return { type: 'file', tool, path: nameOf(input['path']), change: 'add' };
    case 'edit':
      return { type: 'file', tool, path: nameOf(input['path']), change: 'update' };
    default:
      return { type: 'tool', tool };
  }
}

function toolEnd(data: JsonObject, calls: OpenCalls): Draft[] {
  const callId = nameOf(data['toolCallId']);
  const call = calls.end(callId);
  const exitCode = countOrNull(objectOf(data['shellExecution'])['exitCode']);
  const failed = data['success'] === false || (exitCode !== null && exitCode !== 0);
  const text = textOf(objectOf(data['error'])['message']) || textOf(objectOf(data['result'])['content']);
  const done = { ...call, callId, status: failed ? 'failed' : 'completed', exitCode, text } as const;
  const edits = objectsOf(data['fileEdits']);
  if (edits.length === 0) return [done];
  return edits.map((edit) => ({
    ...done,
    type: 'file',
    path: nameOf(edit['path']),
    change: edit['kind'] === 'create' ? 'add' : edit['kind'] === 'delete' ? 'delete' : 'update',
  }));
}

function result(line: JsonObject, answer: string): Draft {
  return {
    type: 'result',
    status: line['exitCode'] === 0 ? 'completed' : 'failed',
    text: answer,
    sessionId: nameOf(line['sessionId']),
  };
}
