/** The messages between the extension in the editor, which provides a model, and the test, which answers for it. */

/** One request of an agent to its model, as JSON. */
export interface ModelRequest {
  tools: OfferedTool[];
  messages: Message[];
}

export interface OfferedTool {
  name: string;
  description: string;
  inputSchema?: object | undefined;
}

export interface Message {
  role: 'user' | 'assistant';
  parts: Part[];
}

export type Part =
  | { type: 'text'; text: string }
  | { type: 'call'; id: string; name: string; input: object }
  | { type: 'result'; id: string; text: string }
  | { type: 'other' };

export interface ModelAnswer {
  text?: string;
  call?: { id: string; name: string; input: object };
}

/** Environment variable with the address on which the test listens. */
export const addressVariable = 'SCRIPTED_MODEL_ADDRESS';
