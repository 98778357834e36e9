import * as z from 'zod';
import { codingAgentNames } from './choices.ts';
import { text } from './plainText.ts';

export const codingAgentName = z.enum(codingAgentNames).meta({
  description: 'claude: Claude Code; codex: Codex CLI; copilot: GitHub Copilot CLI',
});
export type CodingAgentName = z.infer<typeof codingAgentName>;

/** It becomes an argument, and can come from what a program has printed: it must not read as an option. */
export const agentSessionId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, "must be an agent's session id: letters, digits, dots and dashes");

export const codingAgentArguments = z.array(text).max(1000);

export const codingAgentOption = z.strictObject({
  name: codingAgentName,
  prompt: text.min(1).max(1_048_576).meta({ description: 'One argument: it arrives byte for byte' }),
  model: text.min(1).optional().meta({ description: "The agent's model (its own choice)" }),
  arguments: codingAgentArguments.default([]).meta({
    description: 'More options for the program, before the prompt: what it may do without asking, for example',
  }),
  sessionId: agentSessionId.optional().meta({ description: 'Go on with this session of the agent (a new one)' }),
  continues: z.uuid().optional().meta({ description: 'The job whose session it goes on with, for the record' }),
});
export type CodingAgentOption = z.output<typeof codingAgentOption>;
