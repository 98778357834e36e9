import * as json from './json.ts';
import { OpenCalls, type Draft, type LineParser } from './lineParser.ts';

const tools = {
  bash: 'command',
  write: { path: 'filePath' },
  edit: { path: 'filePath', change: 'update' },
} as const;

/**
 * opencode, and Kilo, which was made from it: `opencode run --format json`, packages/opencode/src/cli/cmd/run.ts of
 * sst/opencode. A tool is printed when it has ended, and there is no last line.
 */
export function opencodeParser(title: string): LineParser {
  let isStarted = false;
  return (line) => {
    const sessionId = json.nameOf(line['sessionID']);
    const begin: Draft[] = isStarted || sessionId === null ? [] : [{ type: 'started', text: title, sessionId }];
    isStarted ||= sessionId !== null;
    return [...begin, ...partEvents(line, json.objectOf(line['part']))];
  };
}

function partEvents(line: json.JsonObject, part: json.JsonObject): Draft[] {
  switch (line['type']) {
    case 'step_start':
      return [];
    case 'text':
      return [{ type: 'message', role: 'assistant', text: json.textOf(part['text']) }];
    case 'reasoning':
      return [{ type: 'reasoning', text: json.textOf(part['text']) }];
    case 'tool_use':
      return toolEvents(part, json.objectOf(part['state']));
    case 'step_finish':
      return [stepEnd(part)];
    case 'error': {
      const error = json.objectOf(line['error']);
      const text = json.textOf(json.objectOf(error['data'])['message']) || json.textOf(error['name']);
      return [
        { type: 'error', text },
        { type: 'result', status: 'failed', text },
      ];
    }
    default:
      return [{ type: 'other', text: json.jsonText(line) }];
  }
}

function toolEvents(part: json.JsonObject, state: json.JsonObject): Draft[] {
  const calls = new OpenCalls(tools);
  const start = calls.start(part['callID'], part['tool'], state['input']);
  const call = calls.end(part['callID']);
  const metadata = json.objectOf(state['metadata']);
  const times = json.objectOf(state['time']);
  const exitCode = call.type === 'command' ? json.countOrNull(metadata['exit']) : null;
  const failed = state['status'] === 'error' || (exitCode !== null && exitCode !== 0);
  const text = json.textOf(state['error']) || json.textOf(state['output']);
  const change = call.change ?? (call.type !== 'file' ? null : metadata['exists'] === false ? 'add' : 'update');
  return [
    { ...start, ...timeField(times['start']) },
    { ...call, status: failed ? 'failed' : 'completed', exitCode, change, text, ...timeField(times['end']) },
  ];
}

/** A run has a step for each answer of the model. The one in which it calls no tool is the last. */
function stepEnd(part: json.JsonObject): Draft {
  const tokens = json.objectOf(part['tokens']);
  const counts = { input_tokens: tokens['input'], output_tokens: tokens['output'] };
  const usage = json.usageOf({ ...counts, cached: json.objectOf(tokens['cache'])['read'] }, 'cached');
  const spent: Draft = { type: 'result', usage, costUsd: json.numberOrNull(part['cost']) };
  const { reason } = part;
  if (reason === 'tool-calls') return spent;
  return {
    ...spent,
    status: reason === 'stop' ? 'completed' : 'failed',
    text: reason === 'stop' ? '' : json.textOf(reason),
  };
}

function timeField(value: unknown): Pick<Draft, 'time'> {
  const time = json.timeOf(value);
  return time === undefined ? {} : { time };
}
