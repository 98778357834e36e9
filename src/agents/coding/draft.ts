import type { AgentEvent } from '../../api/codingAgent.ts';
import type { JsonObject } from './json.ts';

/** An event before it is numbered: what is not said is null. */
export type Draft = Partial<Omit<AgentEvent, 'number'>> & Pick<AgentEvent, 'type'>;

/** Reads one agent's lines, in order. It keeps what a later line refers to, and no more than that. */
export type LineParser = (line: JsonObject) => Draft[];

/** What a command, a file or a tool is, from its start to its end. */
export type Call = Pick<Draft, 'type' | 'command' | 'path' | 'change' | 'tool'>;

const maxCalls = 1000;

/** Calls under way: an end often names the call alone. Of very many the oldest are forgotten. */
export class OpenCalls {
  readonly #calls = new Map<string | null, Call>();

  start(id: string | null, call: Call, text: string): Draft {
    const oldest = this.#calls.size >= maxCalls ? this.#calls.keys().next() : undefined;
    if (oldest && !oldest.done) this.#calls.delete(oldest.value);
    this.#calls.set(id, call);
    return { ...call, status: 'started', callId: id, text };
  }

  /** What it was; a tool without a name when its start was not seen. */
  end(id: string | null): Call {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call ?? { type: 'tool' };
  }
}
