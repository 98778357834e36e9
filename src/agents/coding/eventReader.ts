/**
 * `agents/coding` knows coding agents: `commandLine.ts` builds their command lines, `eventReader.ts` reads their output.
 * The engine, the command line and the extension import it; it imports `api` and `text`.
 */

import type { AgentEvent } from '../../api/codingAgent.ts';
import type { CodingAgentName } from '../../api/options.ts';
import type { Chunk } from '../../api/output.ts';
import { codingAgentTitles } from '../../api/values.ts';
import { LineSplitter } from '../../text/textStream.ts';
import { claude, claudeParser, qwen } from './claude.ts';
import { clineParser } from './cline.ts';
import { codexParser } from './codex.ts';
import { copilotParser } from './copilot.ts';
import { geminiParser } from './gemini.ts';
import { parseObject, timeOf } from './json.ts';
import { remember, type Draft, type LineParser } from './lineParser.ts';
import { opencodeParser } from './opencode.ts';
import { Outcome, type RunEnd } from './outcome.ts';

/** In UTF-16 units. Only the beginning of a longer line is shown, as text. */
const maxLineLength = 8_388_608;
/** For each text in an event, in UTF-16 units. */
const maxTextLength = 16_384;
/** A text is not cut for fewer units than this. */
const slack = 100;

const parsers: Record<CodingAgentName, () => LineParser> = {
  claude: () => claudeParser(claude),
  codex: codexParser,
  copilot: copilotParser,
  gemini: geminiParser,
  qwen: () => claudeParser(qwen),
  opencode: () => opencodeParser(codingAgentTitles.opencode),
  kilo: () => opencodeParser(codingAgentTitles.kilo),
  cline: clineParser,
};

/**
 * Reads the events of a run from its standard output and from how it ended, so that every reader of a log gets the same
 * events with the same numbers. The last one is the result. Memory is bounded, whatever the program prints.
 */
export class AgentEventReader {
  readonly #parse: LineParser;
  readonly #lines = new LineSplitter(maxLineLength);
  readonly #outcome = new Outcome();
  /** Calls that have started and not ended. */
  readonly #open = new Map<string, AgentEvent>();
  /** A message of which more parts may follow. */
  #message: { draft: Draft; time: string } | undefined;
  #number = 0;
  #end = 0;

  constructor(name: CodingAgentName) {
    this.#parse = parsers[name]();
  }

  /** Number of the last event; 0 before the first. */
  get number(): number {
    return this.#number;
  }

  /** Returns the events of the lines that end in this chunk. Needs every chunk of stdout in order from the first. */
  *feed({ text, time, offset, length }: Pick<Chunk, 'text' | 'time' | 'offset' | 'length'>): Generator<AgentEvent> {
    if (offset > this.#end) this.#lines.skipLine();
    this.#end = offset + length;
    for (const line of this.#lines.push(text)) yield* this.#take(line, time);
  }

  /** Returns what a last line without a newline says, the calls that were open, and the result, when the run has ended. */
  *end(run: RunEnd): Generator<AgentEvent> {
    const time = run.finishedAt ?? new Date().toISOString();
    yield* this.#take(this.#lines.end(), time);
    yield* this.#flush();
    for (const call of [...this.#open.values()]) {
      yield this.#event({ ...call, time, status: 'failed', text: 'not ended' }, time);
    }
    yield this.#event(this.#outcome.end(run), time);
  }

  *#take(line: string, time: string): Generator<AgentEvent> {
    if (line.length > maxLineLength) {
      const text = `${beginningOf(line)} … (line too long; the rest is in the log)`;
      yield this.#event({ type: 'text', text }, time);
      return;
    }
    const trimmed = line.trim();
    if (trimmed === '') return;
    const json = parseObject(trimmed);
    const drafts: Draft[] = json ? this.#parse(json) : [{ type: 'text', text: trimmed }];
    for (const draft of drafts) yield* this.#add(draft, (json && timeOf(json['timestamp'] ?? json['ts'])) ?? time);
  }

  *#add({ isPart, ...draft }: Draft, time: string): Generator<AgentEvent> {
    const message = this.#message?.draft;
    if (isPart && message?.role === draft.role && message?.text !== undefined) {
      if (message.text.length < maxLineLength) message.text += draft.text ?? '';
      return;
    }
    yield* this.#flush();
    if (isPart) this.#message = { draft, time };
    else if (draft.type === 'result') this.#outcome.add(draft);
    else yield this.#event(draft, time);
  }

  *#flush(): Generator<AgentEvent> {
    const message = this.#message;
    this.#message = undefined;
    if (message) yield this.#event(message.draft, message.time);
  }

  #event(draft: Draft, time: string): AgentEvent {
    const whole: AgentEvent = { ...blank, time, ...draft, number: ++this.#number };
    const event = { ...whole, text: cut(whole.text), command: whole.command === null ? null : cut(whole.command) };
    const { type, callId, path, status } = event;
    const call = JSON.stringify([type, callId, path]);
    if (status === 'started' && callId !== null) remember(this.#open, call, event);
    else this.#open.delete(call);
    this.#outcome.see(event);
    return event;
  }
}

const blank: Omit<AgentEvent, 'number' | 'type'> = {
  time: null,
  status: null,
  role: null,
  text: '',
  command: null,
  exitCode: null,
  path: null,
  change: null,
  tool: null,
  callId: null,
  sessionId: null,
  model: null,
  usage: null,
  costUsd: null,
};

function cut(text: string): string {
  if (text.length <= maxTextLength + slack) return text;
  const begin = beginningOf(text);
  return `${begin} … (${text.length - begin.length} more characters are in the log)`;
}

/** Does not end in half a surrogate pair. */
function beginningOf(text: string): string {
  return text.slice(0, maxTextLength).replace(/[\ud800-\udbff]$/, '');
}
