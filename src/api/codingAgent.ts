import * as z from 'zod';
import { runStatus, time } from './options.ts';
import { agentEventTypes } from './values.ts';

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
