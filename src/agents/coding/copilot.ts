import * as json from './json.ts';
import { OpenCalls, type Draft, type LineParser } from './lineParser.ts';

const tools = {
  bash: 'command',
  powershell: 'command',
  create: { path: 'path', change: 'add' },
  edit: { path: 'path', change: 'update' },
} as const;

/** GitHub Copilot CLI, `copilot --output-format=json`: docs/features/streaming-events.md of github/copilot-sdk. */
export function copilotParser(): LineParser {
  const calls = new OpenCalls(tools);
  let isStarted = false;
  let isAborted = false;
  return (line) => {
    const data = json.objectOf(line['data']);
    switch (line['type']) {
      case 'session.tools_updated': // The first line of a session; the id comes last.
        if (isStarted) return [];
        isStarted = true;
        return [{ type: 'started', text: 'GitHub Copilot CLI', model: json.nameOf(data['model']) }];
      case 'user.message':
        return [{ type: 'message', role: 'user', text: json.textOf(data['content']) }];
      case 'assistant.message': {
        const text = json.textOf(data['content']);
        return text === '' ? [] : [{ type: 'message', role: 'assistant', text }];
      }
      case 'assistant.reasoning':
        return [{ type: 'reasoning', text: json.textOf(data['content']) }];
      case 'tool.execution_start':
        return [calls.start(data['toolCallId'], data['toolName'], data['arguments'])];
      case 'tool.execution_complete':
        return toolEnd(data, calls);
      case 'session.error':
        return [{ type: 'error', text: json.textOf(data['message']) }];
      case 'model.call_failure': // It may be tried again.
        return [{ type: 'error', text: callFailure(data) }];
      case 'session.warning':
        return [{ type: 'other', text: json.textOf(data['message']) }];
      case 'abort':
      case 'assistant.idle':
        isAborted ||= line['type'] === 'abort' || data['aborted'] === true;
        return [];
      case 'result':
        return [result(line, isAborted)];
      default:
        return isBookkeeping(line) ? [] : [{ type: 'other', text: json.jsonText(line) }];
    }
  };
}

/** Fragments and internal events, of which a run has hundreds. */
function isBookkeeping(line: json.JsonObject): boolean {
  return (
    line['ephemeral'] === true || /^(?:session|assistant|model|hook|tool|system)\./.test(json.textOf(line['type']))
  );
}

function toolEnd(data: json.JsonObject, calls: OpenCalls): Draft[] {
  const call = calls.end(data['toolCallId']);
  const exitCode = json.countOrNull(json.objectOf(data['shellExecution'])['exitCode']);
  const failed = data['success'] === false || (exitCode !== null && exitCode !== 0);
  const text =
    json.textOf(json.objectOf(data['error'])['message']) || json.textOf(json.objectOf(data['result'])['content']);
  const done = { ...call, status: failed ? 'failed' : 'completed', exitCode, text } as const;
  const edits = json.objectsOf(data['fileEdits']);
  if (edits.length === 0) return [done];
  return edits.map(({ path, kind }) => {
    const change = kind === 'create' ? 'add' : kind === 'delete' ? 'delete' : 'update';
    return { ...done, type: 'file', path: json.nameOf(path), change };
  });
}

/** The message is what the provider has answered, which may be JSON. */
function callFailure(data: json.JsonObject): string {
  const told = json.textOf(data['errorMessage']);
  return `The request failed (${json.jsonText(data['statusCode'])}): ${/"message":"([^"\\]*)"/.exec(told)?.[1] ?? told}`;
}

/** The exit code is 0 after an abort as well. */
function result(line: json.JsonObject, isAborted: boolean): Draft {
  const status = line['exitCode'] === 0 && !isAborted ? 'completed' : 'failed';
  return { type: 'result', status, text: isAborted ? 'aborted' : '', sessionId: json.nameOf(line['sessionId']) };
}
