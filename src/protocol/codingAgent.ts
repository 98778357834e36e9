import * as z from 'zod';
import { agentEventTypes, codingAgentNames } from './choices.ts';
import { runStatus } from './stateSchemas.ts';
import { time } from './time.ts';

export const codingAgentName = z.enum(codingAgentNames).meta({
  description: 'claude: Claude Code; codex: Codex CLI; copilot: GitHub Copilot CLI',
});
export type CodingAgentName = z.infer<typeof codingAgentName>;

const argument = z.string().refine((text) => !text.includes('\0'), 'must not contain a NUL byte');

/** It becomes an argument, and can come from what a program has printed: it must not read as an option. */
export const agentSessionId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, "must be an agent's session id: letters, digits, dots and dashes");

export const codingAgentArguments = z.array(argument).max(1000);

export const codingAgentOption = z.strictObject({
  name: codingAgentName,
  prompt: argument.min(1).max(1_048_576).meta({ description: 'One argument: it arrives byte for byte' }),
  model: argument.min(1).optional().meta({ description: "The agent's model (its own choice)" }),
  arguments: codingAgentArguments.default([]).meta({
    description: 'More options for the program, before the prompt: what it may do without asking, for example',
  }),
  sessionId: agentSessionId.optional().meta({ description: 'Go on with this session of the agent (a new one)' }),
  continues: z.uuid().optional().meta({ description: 'The job whose session it goes on with, for the record' }),
});
export type CodingAgentOption = z.output<typeof codingAgentOption>;

/** A coding agent's run as the job shows it. */
export const codingAgent = z.object({
  name: codingAgentName,
  prompt: z.string(),
  model: z.string().nullable(),
  arguments: z.array(z.string()),
  sessionId: z.string().nullable().meta({
    description: 'That it was started with. What the agent has chosen itself is in its events',
  }),
  continues: z.uuid().nullable().meta({ description: 'The job whose session it goes on with' }),
});
export type CodingAgent = z.infer<typeof codingAgent>;

export const agentEventType = z.enum(agentEventTypes).meta({
  description:
    'text: a line that is not JSON; other: one that says nothing of the rest. A command, a file or a tool comes ' +
    'when it starts and again when it has ended, with the same callId',
});
export type AgentEventType = z.infer<typeof agentEventType>;

export const agentEvent = z.object({
  number: z.int().meta({ description: 'From 1 on, without gaps, in the order of the log' }),
  time: time.nullable().meta({ description: "The agent's own, else when its line was seen" }),
  type: agentEventType,
  status: z.enum(['started', 'completed', 'failed']).nullable().meta({ description: 'Of command, file, tool, result' }),
  role: z.enum(['assistant', 'user']).nullable().meta({ description: 'Who speaks in a message' }),
  text: z.string().meta({ description: 'What was said, printed or answered. A long one is cut, and says so' }),
  command: z.string().nullable(),
  exitCode: z.int().nullable().meta({ description: 'Of a command, where the agent tells it' }),
  path: z.string().nullable().meta({ description: 'Of a file' }),
  change: z.enum(['add', 'update', 'delete']).nullable().meta({ description: 'What is done to the file' }),
  tool: z.string().nullable().meta({ description: "The agent's name for the tool" }),
  callId: z.string().nullable().meta({ description: 'What belongs together' }),
  sessionId: z.string().nullable().meta({ description: 'Of started and result: what it can be continued by' }),
  model: z.string().nullable().meta({ description: 'Of started' }),
  usage: z
    .object({ inputTokens: z.int(), cachedInputTokens: z.int(), outputTokens: z.int() })
    .nullable()
    .meta({ description: 'Of result, as the agent counts it' }),
  costUsd: z.number().nullable().meta({ description: 'Of result, where the agent tells it' }),
});
export type AgentEvent = z.infer<typeof agentEvent>;

export const agentEventsQuery = z.strictObject({
  since: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .meta({ description: 'Only what is behind this number: `next` or `number` of an earlier answer' }),
  type: agentEventType.optional().meta({ description: 'Only events of this type' }),
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'Events on a page' }),
});
export type AgentEventsQuery = z.input<typeof agentEventsQuery>;

export const agentEventPage = z.object({
  events: z.array(agentEvent),
  next: z.int().meta({ description: 'What to ask for as `since` next' }),
  more: z.boolean().meta({ description: 'More is there already' }),
  droppedBytes: z.int().meta({
    description: 'Of the log, by maxLogBytes. When it is not 0 numbers begin with the first line that is left',
  }),
  status: runStatus,
});
export type AgentEventPage = z.infer<typeof agentEventPage>;
