/**
 * `agents/coding` knows coding agents: `commandLine.ts` builds their command lines, `eventReader.ts` reads their output.
 * The engine, the command line and the extension import it; it imports `api` and `text`.
 */

import type { AgentEvent } from '../../api/codingAgent.ts';
import type { CodingAgentName } from '../../api/options.ts';
import type { Chunk } from '../../api/output.ts';
import { LineSplitter } from '../../text/lineSplitter.ts';
import { claudeParser } from './claude.ts';
import { codexParser } from './codex.ts';
import { copilotParser } from './copilot.ts';
import { parseObject, type Draft, type JsonObject, type LineParser } from './lineParser.ts';

/** In UTF-16 units. Only the beginning of a longer line is shown, as text. */
const maxLineLength = 8_388_608;
/** For each text in an event, in UTF-16 units. */
const maxTextLength = 16_384;
/** A text is not cut for fewer units than this. */
const slack = 100;

const parsers: Record<CodingAgentName, () => LineParser> = {
  claude: claudeParser,
  codex: codexParser,
  copilot: copilotParser,
};

/**
 * Reads the events of a run from its standard output alone, so that every reader of a log gets the same events with the
 * same numbers. Memory is bounded, whatever the program prints.
 */
export class AgentEventReader {
  readonly #parse: LineParser;
  readonly #lines = new LineSplitter(maxLineLength);
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

  /** Returns the event of a last line without a newline, when no more chunks follow. */
  *end(time: string): Generator<AgentEvent> {
    yield* this.#take(this.#lines.end(), time);
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
    for (const draft of drafts) yield this.#event(draft, (json && timeOf(json)) ?? time);
  }

  #event(draft: Draft, time: string): AgentEvent {
    const event: AgentEvent = { ...blank, time, ...draft, number: ++this.#number };
    return { ...event, text: cut(event.text), command: event.command === null ? null : cut(event.command) };
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

/** Only years of four digits: toISOString writes others in another form. */
function timeOf({ timestamp }: JsonObject): string | undefined {
  const time = typeof timestamp === 'string' ? new Date(timestamp) : undefined;
  const text = time && !Number.isNaN(time.getTime()) ? time.toISOString() : '';
  return /^\d{4}-/.test(text) ? text : undefined;
}

function cut(text: string): string {
  if (text.length <= maxTextLength + slack) return text;
  const begin = beginningOf(text);
  return `${begin} … (${text.length - begin.length} more characters are in the log)`;
}

/** Does not end in half a surrogate pair. */
function beginningOf(text: string): string {
  return text.slice(0, maxTextLength).replace(/[\ud800-\udbff]$/, '');
}
