import type { AgentEvent } from '../../api/codingAgent.ts';
import { jsonText, nameOf, objectOf, textOf, type JsonObject } from './json.ts';

/**
 * An event without its number. A missing field means null. Of the results of a run one event is made when it has ended.
 * `isPart`: it continues the message before it.
 */
export type Draft = Partial<Omit<AgentEvent, 'number'>> & Pick<AgentEvent, 'type'> & { isPart?: boolean };

/** Turns the lines of one agent, in order, into events. It keeps only what later lines refer to. */
export type LineParser = (line: JsonObject) => Draft[];

/** The part of a tool call that its start and its end have in common. */
type Call = Pick<Draft, 'type' | 'command' | 'path' | 'change' | 'tool'>;

/** What the tools of an agent do that run a command, or write the file that this field of their input names. */
export type Tools = Readonly<Record<string, 'command' | FileTool>>;

interface FileTool {
  readonly path: string;
  readonly change?: NonNullable<Draft['change']>;
}

const maxCalls = 1000;

/** Beyond a limit the oldest are forgotten. */
export function remember<K, V>(calls: Map<K, V>, key: K, value: V): void {
  const oldest = calls.size >= maxCalls ? calls.keys().next() : undefined;
  if (oldest && !oldest.done) calls.delete(oldest.value);
  calls.set(key, value);
}

/** Tool calls that have not ended, because an end often carries only the id. */
export class OpenCalls {
  readonly #tools: Map<string | null, Tools[string]>;
  readonly #calls = new Map<string | null, Call>();

  constructor(tools: Tools) {
    this.#tools = new Map(Object.entries(tools));
  }

  start(id: unknown, name: unknown, input: unknown): Draft {
    const call = this.#callOf(nameOf(name), objectOf(input));
    const callId = nameOf(id);
    remember(this.#calls, callId, call);
    return { ...call, status: 'started', callId, text: call.type === 'tool' ? jsonText(input) : '' };
  }

  /** The call; a tool without a name if its start was not seen. */
  end(id: unknown): Call & Pick<Draft, 'callId'> {
    const callId = nameOf(id);
    const call = this.#calls.get(callId) ?? { type: 'tool' };
    this.#calls.delete(callId);
    return { ...call, callId };
  }

  #callOf(tool: string | null, input: JsonObject): Call {
    const known = this.#tools.get(tool);
    if (!known) return { type: 'tool', tool };
    if (known === 'command') {
      const { command, commands } = input;
      const all = Array.isArray(commands) ? commands.map(jsonText) : [textOf(command)];
      return { type: 'command', tool, command: all.join('\n') };
    }
    const { path, ...change } = known;
    return { type: 'file', tool, path: nameOf(input[path]), ...change };
  }
}
