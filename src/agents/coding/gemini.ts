import * as json from './json.ts';
import { OpenCalls, type Draft, type LineParser } from './lineParser.ts';

const tools = {
  run_shell_command: 'command',
  write_file: { path: 'file_path' },
  replace: { path: 'file_path', change: 'update' },
} as const;

/**
 * Gemini CLI, `gemini --output-format stream-json`: docs/cli/headless.md of google-gemini/gemini-cli. It does not say how
 * commands exited: one that failed is reported like one that succeeded.
 */
export function geminiParser(): LineParser {
  const calls = new OpenCalls(tools);
  return (line) => {
    switch (line['type']) {
      case 'init': {
        const model = json.nameOf(line['model']);
        return [{ type: 'started', text: 'Gemini CLI', sessionId: json.nameOf(line['session_id']), model }];
      }
      case 'message': {
        const role = line['role'] === 'user' ? 'user' : 'assistant';
        return [{ type: 'message', role, text: json.textOf(line['content']), isPart: line['delta'] === true }];
      }
      case 'tool_use':
        return [calls.start(line['tool_id'], line['tool_name'], line['parameters'])];
      case 'tool_result': {
        const status = line['status'] === 'error' ? 'failed' : 'completed';
        return [{ ...calls.end(line['tool_id']), status, text: messageOf(line) || json.textOf(line['output']) }];
      }
      case 'error':
        return [{ type: 'error', text: json.textOf(line['message']) }];
      case 'result': {
        const status = line['status'] === 'success' ? 'completed' : 'failed';
        return [{ type: 'result', status, text: messageOf(line), usage: json.usageOf(line['stats'], 'cached') }];
      }
      default:
        return [{ type: 'other', text: json.jsonText(line) }];
    }
  };
}

function messageOf(line: json.JsonObject): NonNullable<Draft['text']> {
  return json.textOf(json.objectOf(line['error'])['message']);
}
