// The streaming protocols in which coding agents talk to models: what a request says, and how an answer is written.
import type { IncomingHttpHeaders } from 'node:http';

/** One part of a conversation that matters here: what the user said, or what a tool answered. */
interface Item {
  kind: 'user' | 'result';
  text: string;
  /** Of a result: the id that the model gave to the call, if the protocol has one. */
  callId?: string;
}

/** What a request to a model says, whatever its protocol. */
export interface Conversation {
  items: Item[];
  /** The tools that the model may call. */
  tools: { name: string; namespace?: string }[];
  /** The length of the description of all tools, in characters of JSON. */
  toolsLength: number;
  /** Whether the answer is to be a stream of events. */
  stream: boolean;
}

/** What the scripted model says: a text, or a call of one tool. */
export interface Turn {
  text?: string;
  call?: { id: string; name: string; namespace?: string | undefined; input: Record<string, unknown> };
}

export interface Protocol {
  path: RegExp;
  read(body: Json, url: string, headers: IncomingHttpHeaders): Conversation;
  /** The events of a stream, each with an optional name. */
  events(turn: Turn, model: string): { event?: string; data: unknown }[];
  /** The answer where no stream is wanted. */
  whole(turn: Turn, model: string): unknown;
}

type Json = Record<string, unknown>;

const objects = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter((one): one is Json => typeof one === 'object' && one !== null) : [];
const object = (value: unknown): Json => objects([value])[0] ?? {};
const string = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The text of a content that is a string, or a list of parts with a text. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return objects(content)
    .map((part) => string(part['text']))
    .join('');
}

const lengthOf = (tools: unknown): number => (tools === undefined ? 0 : JSON.stringify(tools).length);

const anthropic: Protocol = {
  path: /\/v1\/messages(\?|$)/,
  read(body) {
    const items = objects(body['messages']).flatMap(({ role, content }): Item[] => {
      if (role !== 'user') return [];
      const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : objects(content);
      return blocks.map((block) =>
        block['type'] === 'tool_result'
          ? { kind: 'result', text: textOf(block['content']), callId: string(block['tool_use_id']) }
          : { kind: 'user', text: string(block['text']) },
      );
    });
    const tools = objects(body['tools']).map(({ name }) => ({ name: string(name) }));
    return { items, tools, toolsLength: lengthOf(body['tools']), stream: body['stream'] === true };
  },
  events({ text, call }, model) {
    const block = call ? { type: 'tool_use', id: call.id, name: call.name, input: {} } : { type: 'text', text: '' };
    const delta = call
      ? { type: 'input_json_delta', partial_json: JSON.stringify(call.input) }
      : { type: 'text_delta', text };
    const usage = { input_tokens: 10, output_tokens: 5 };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null, usage };
    return [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null }, usage },
      { type: 'message_stop' },
    ].map((data) => ({ event: data.type, data }));
  },
  whole({ text, call }, model) {
    const block = call ? { type: 'tool_use', id: call.id, name: call.name, input: call.input } : { type: 'text', text };
    const usage = { input_tokens: 10, output_tokens: 5 };
    const stop_reason = call ? 'tool_use' : 'end_turn';
    return { id: 'msg_1', type: 'message', role: 'assistant', model, content: [block], stop_reason, usage };
  },
};

const responses: Protocol = {
  path: /\/responses(\?|$)/,
  read(body) {
    const input =
      typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] }] : objects(body['input']);
    const items = input.flatMap((item): Item[] => {
      if (item['type'] === 'function_call_output') {
        const output = item['output'];
        return [{ kind: 'result', text: textOf(output), callId: string(item['call_id']) }];
      }
      return item['role'] === 'user' ? [{ kind: 'user', text: textOf(item['content']) }] : [];
    });
    const tools = objects(body['tools']).flatMap((tool) => {
      const name = string(tool['name']);
      if (tool['type'] !== 'namespace') return [{ name }];
      return objects(tool['tools']).map((inner) => ({ name: string(inner['name']), namespace: name }));
    });
    return { items, tools, toolsLength: lengthOf(body['tools']), stream: body['stream'] === true };
  },
  events(turn, model) {
    const response = this.whole(turn, model) as { output: unknown[] };
    return [
      { type: 'response.created', response: { ...response, output: [], status: 'in_progress' } },
      { type: 'response.output_item.added', output_index: 0, item: response.output[0] },
      ...(turn.text === undefined
        ? []
        : [
            {
              type: 'response.output_text.delta',
              item_id: 'item_1',
              output_index: 0,
              content_index: 0,
              delta: turn.text,
            },
          ]),
      { type: 'response.output_item.done', output_index: 0, item: response.output[0] },
      { type: 'response.completed', response },
    ].map((data) => ({ event: data.type, data }));
  },
  whole({ text, call }, model) {
    const item = call
      ? {
          type: 'function_call',
          id: 'item_1',
          call_id: call.id,
          name: call.name,
          ...(call.namespace !== undefined && { namespace: call.namespace }),
          arguments: JSON.stringify(call.input),
          status: 'completed',
        }
      : {
          type: 'message',
          id: 'item_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text, annotations: [] }],
        };
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15,
    };
    return { id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model, output: [item], usage };
  },
};

const chat: Protocol = {
  path: /\/chat\/completions(\?|$)/,
  read(body) {
    const items = objects(body['messages']).flatMap(({ role, content, tool_call_id }): Item[] => {
      if (role === 'tool') return [{ kind: 'result', text: textOf(content), callId: string(tool_call_id) }];
      return role === 'user' ? [{ kind: 'user', text: textOf(content) }] : [];
    });
    const tools = objects(body['tools']).map((tool) => ({ name: string(object(tool['function'])['name']) }));
    return { items, tools, toolsLength: lengthOf(body['tools']), stream: body['stream'] === true };
  },
  events(turn, model) {
    const { text, call } = turn;
    const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model };
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    const said = call ? { tool_calls: [{ index: 0, ...chatCall(call) }] } : { content: text };
    const chunk = (delta: unknown, finish_reason: string | null) => ({
      data: { ...base, choices: [{ index: 0, delta, finish_reason }] },
    });
    return [
      chunk({ role: 'assistant', content: call ? null : '' }, null),
      chunk(said, null),
      chunk({}, call ? 'tool_calls' : 'stop'),
      { data: { ...base, choices: [], usage } },
      { data: '[DONE]' },
    ];
  },
  whole({ text, call }, model) {
    const message = { role: 'assistant', content: text ?? null, ...(call && { tool_calls: [chatCall(call)] }) };
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    const choices = [{ index: 0, message, finish_reason: call ? 'tool_calls' : 'stop' }];
    return { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices, usage };
  },
};

function chatCall({ id, name, input }: NonNullable<Turn['call']>) {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input) } };
}

const gemini: Protocol = {
  path: /:(streamG|g)enerateContent(\?|$)/,
  read(body, url) {
    const items = objects(body['contents']).flatMap(({ role, parts }): Item[] =>
      objects(parts).flatMap((part): Item[] => {
        const response = object(part['functionResponse']);
        if (part['functionResponse'] !== undefined) {
          const said = object(response['response']);
          const text = string(said['output']) || string(said['error']) || JSON.stringify(said);
          return [{ kind: 'result', text, callId: string(response['id']) }];
        }
        return role === 'user' ? [{ kind: 'user', text: string(part['text']) }] : [];
      }),
    );
    const tools = objects(body['tools']).flatMap((tool) =>
      objects(tool['functionDeclarations']).map(({ name }) => ({ name: string(name) })),
    );
    return { items, tools, toolsLength: lengthOf(body['tools']), stream: url.includes(':stream') };
  },
  events(turn, model) {
    return [{ data: this.whole(turn, model) }];
  },
  whole({ text, call }, model) {
    const part = call ? { functionCall: { id: call.id, name: call.name, args: call.input } } : { text };
    return {
      candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
      modelVersion: model,
    };
  },
};

export const protocols: readonly Protocol[] = [anthropic, responses, chat, gemini];
