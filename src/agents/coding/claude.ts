import { duration } from '../../text/timeText.ts';
import * as json from './json.ts';
import { OpenCalls, remember, type Draft, type LineParser, type Tools } from './lineParser.ts';

/** Qwen Code writes the format of Claude Code, with tools of its own. */
interface Dialect {
  readonly title: string;
  /** The field of the first line that has the version of the program. */
  readonly version: string;
  readonly tools: Tools;
  /** Finds the exit code in the output of a command that failed. */
  readonly exitCode: RegExp;
}

const edit = { path: 'file_path', change: 'update' } as const;

export const claude: Dialect = {
  title: 'Claude Code',
  version: 'claude_code_version',
  tools: {
    Bash: 'command',
    Write: { path: 'file_path' },
    Edit: edit,
    MultiEdit: edit,
    NotebookEdit: { path: 'notebook_path', change: 'update' },
  },
  exitCode: /^(?:Error: )?Exit code (\d{1,3})\b/,
};

export const qwen: Dialect = {
  title: 'Qwen Code',
  version: 'qwen_code_version',
  tools: { run_shell_command: 'command', write_file: { path: 'file_path' }, edit },
  exitCode: /^Exit Code: (\d{1,3})$/m,
};

/** `claude -p --output-format stream-json --verbose`: code.claude.com/docs, "Agent SDK reference". */
export function claudeParser(dialect: Dialect): LineParser {
  const calls = new OpenCalls(dialect.tools);
  const tasks = new Tasks();
  let isStarted = false;
  let cost = 0;
  return (line) => {
    switch (line['type']) {
      case 'system':
        if (line['subtype'] !== 'init') return systemEvents(line, tasks);
        if (isStarted) return []; // The model is called again, for example when a background command has ended.
        isStarted = true;
        return [started(line, dialect)];
      case 'assistant':
        return json
          .objectsOf(json.objectOf(line['message'])['content'])
          .flatMap((block) => assistantEvent(block, line, calls));
      case 'user':
        return userEvents(line, calls, dialect);
      case 'result': {
        const total = json.numberOrNull(line['total_cost_usd']);
        const costUsd = total === null ? null : total - cost; // It is that of the process so far, the usage that of the turn.
        cost = total ?? cost;
        return [{ ...result(line), costUsd }];
      }
      case 'stream_event': // Fragments; the whole message follows.
      case 'tool_progress':
      case 'tool_use_summary':
        return [];
      default:
        return [{ type: 'other', text: json.jsonText(line) }];
    }
  };
}

function started(line: json.JsonObject, { title, version }: Dialect): Draft {
  const text = `${title} ${json.textOf(line[version])}`.trim();
  return { type: 'started', text, sessionId: json.nameOf(line['session_id']), model: json.nameOf(line['model']) };
}

/** Most lines of the system are bookkeeping, of which a run has hundreds. */
function systemEvents(line: json.JsonObject, tasks: Tasks): Draft[] {
  const data = { ...line, ...json.objectOf(line['data']) };
  switch (line['subtype']) {
    case 'api_retry':
    case 'retry':
      return [{ type: 'error', text: retryText(data) }];
    case 'permission_denied':
      return [{ type: 'error', text: `${json.textOf(data['tool_name'])}: ${json.textOf(data['message'])}` }];
    case 'task_started':
      return tasks.start(data);
    case 'task_updated':
      return tasks.update(data['task_id'], json.objectOf(data['patch']));
    case 'task_notification':
      return tasks.end(data['task_id'], data['status'], json.textOf(data['summary']));
    default:
      return [];
  }
}

function retryText(data: json.JsonObject): string {
  const why = [data['error_status'], data['error']].map(json.jsonText).filter((part) => part !== '');
  const attempt = json.jsonText(data['attempt']);
  const most = json.jsonText(data['max_retries'] ?? data['maxRetries']);
  const delay = json.numberOrNull(data['retry_delay_ms'] ?? data['delayMs']) ?? 0;
  return `The request failed${why.length === 0 ? '' : ` (${why.join(', ')})`}. Retry ${attempt} of ${most} in ${duration(delay)}.`;
}

const background = { type: 'tool', tool: 'background task' } as const;

/** The tasks in the background. Those in the foreground are tool calls, which have events of their own. */
class Tasks {
  readonly #foreground = new Map<string | null, string>();
  readonly #running = new Set<string | null>();

  start(data: json.JsonObject): Draft[] {
    const id = json.nameOf(data['task_id']);
    const text = json.textOf(data['description']);
    if (data['is_backgrounded'] !== false) return this.#begin(id, text);
    remember(this.#foreground, id, text);
    return [];
  }

  update(task: unknown, patch: json.JsonObject): Draft[] {
    const id = json.nameOf(task);
    const text = this.#foreground.get(id);
    if (patch['is_backgrounded'] === true && text !== undefined) return this.#begin(id, text);
    return patch['status'] === 'killed' ? this.end(id, 'stopped', 'stopped') : [];
  }

  end(task: unknown, status: unknown, text: string): Draft[] {
    const callId = json.nameOf(task);
    if (!this.#running.delete(callId)) return [];
    return [{ ...background, callId, status: status === 'completed' ? 'completed' : 'failed', text }];
  }

  #begin(callId: string | null, text: string): Draft[] {
    this.#foreground.delete(callId);
    this.#running.add(callId);
    return [{ ...background, callId, status: 'started', text }];
  }
}

function assistantEvent(block: json.JsonObject, line: json.JsonObject, calls: OpenCalls): Draft[] {
  switch (block['type']) {
    case 'text':
      if (line['error'] !== undefined) return [{ type: 'error', text: json.textOf(block['text']) }];
      return [{ type: 'message', role: 'assistant', text: json.textOf(block['text']) }];
    case 'thinking':
      return [{ type: 'reasoning', text: json.textOf(block['thinking']) }];
    case 'tool_use':
      return [calls.start(block['id'], block['name'], json.objectOf(block['input']))];
    default:
      return [{ type: 'other', text: json.jsonText(block) }];
  }
}

function userEvents(line: json.JsonObject, calls: OpenCalls, dialect: Dialect): Draft[] {
  const { content } = json.objectOf(line['message']);
  if (typeof content === 'string') return [{ type: 'message', role: 'user', text: json.textOf(content) }];
  return json.objectsOf(content).map((block): Draft => {
    if (block['type'] === 'tool_result') return toolResult(block, line['tool_use_result'], calls, dialect);
    if (block['type'] === 'text') return { type: 'message', role: 'user', text: json.textOf(block['text']) };
    return { type: 'other', text: json.jsonText(block) };
  });
}

function toolResult(block: json.JsonObject, details: unknown, calls: OpenCalls, dialect: Dialect): Draft {
  const call = calls.end(block['tool_use_id']);
  const failed = block['is_error'] === true;
  const text = json.contentText(block['content']);
  const done = { ...call, status: failed ? 'failed' : 'completed', text } as const;
  if (call.type === 'command') return { ...done, exitCode: exitCode(text, failed, json.objectOf(details), dialect) };
  if (call.type !== 'file') return done;
  return { ...done, change: call.change ?? (isNew(text, json.objectOf(details)) ? 'add' : 'update') };
}

/** Claude Code says so in the details, Qwen Code in the text alone. */
function isNew(text: string, details: json.JsonObject): boolean {
  return details['type'] === 'create' || text.startsWith('Successfully created');
}

/** Exit codes are printed only for failures. Null for interpreted codes and for commands moved to the background. */
function exitCode(text: string, failed: boolean, details: json.JsonObject, dialect: Dialect): number | null {
  const printed = dialect.exitCode.exec(text)?.[1];
  if (failed) return printed === undefined ? null : Number(printed);
  const isPlain = ['returnCodeInterpretation', 'backgroundTaskId'].every((name) => details[name] === undefined);
  return isPlain && details['interrupted'] === false ? 0 : null;
}

function result(line: json.JsonObject): Draft {
  const errors = Array.isArray(line['errors']) ? line['errors'].map(json.jsonText).join('\n') : '';
  const error = errors || json.textOf(json.objectOf(line['error'])['message']);
  return {
    type: 'result',
    status: line['is_error'] === true ? 'failed' : 'completed',
    text: json.textOf(line['result']) || error || json.textOf(line['subtype']),
    sessionId: json.nameOf(line['session_id']),
    usage: json.usageOf(line['usage'], 'cache_read_input_tokens'),
  };
}
