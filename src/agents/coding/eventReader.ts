import type { AgentEvent } from '../../api/codingAgent.ts';
import type { CodingAgentName } from '../../api/options.ts';
import type { Chunk } from '../../api/output.ts';
import { LineSplitter } from '../../text/lineSplitter.ts';
import { claudeParser } from './claude.ts';
import { codexParser } from './codex.ts';
import { copilotParser } from './copilot.ts';
import type { Draft, LineParser } from './draft.ts';
import { parseObject, type JsonObject } from './json.ts';

/** UTF-16 units. Of a line that is longer only the beginning is shown, as text. */
const maxLineLength = 8_388_608;
/** Of each text in an event. */
const maxTextLength = 16_384;
/** To cut less than this is not worth saying. */
const slack = 100;

const parsers: Record<CodingAgentName, () => LineParser> = {
  claude: claudeParser,
  codex: codexParser,
  copilot: copilotParser,
};

/**
 * The events of a run, made of its standard output and nothing else: whoever reads the same log gets the same events
 * with the same numbers. Memory is bounded, whatever the program prints.
 */
export class AgentEventReader {
  readonly #parse: LineParser;
  readonly #lines = new LineSplitter(maxLineLength);
  #number = 0;
  #end = 0;

  constructor(name: CodingAgentName) {
    this.#parse = parsers[name]();
  }

  /** Of the last event; 0 before the first. */
  get number(): number {
    return this.#number;
  }

  /** The events of the lines that end in this chunk. Feed every chunk of stdout, in order, from the first on. */
  *feed({ text, time, offset, length }: Pick<Chunk, 'text' | 'time' | 'offset' | 'length'>): Generator<AgentEvent> {
    if (offset > this.#end) this.#lines.skipLine();
    this.#end = offset + length;
    for (const line of this.#lines.push(text)) yield* this.#take(line, time);
  }

  /** The event of a last line that has no newline: when nothing follows any more. */
  *end(time: string): Generator<AgentEvent> {
    yield* this.#take(this.#lines.end(), time);
  }

  *#take(line: string, time: string): Generator<AgentEvent> {
    if (line.length > maxLineLength) {
      const text = `${beginningOf(line)} … (the line is too long: the rest is in the log)`;
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

/** Years of four digits: there are dates before and behind them, which are written in another form. */
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

/** Without half a character at its end. */
function beginningOf(text: string): string {
  return text.slice(0, maxTextLength).replace(/[\ud800-\udbff]$/, '');
}
