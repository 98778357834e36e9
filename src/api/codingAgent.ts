import * as z from 'zod';
import { runStatus, time } from './options.ts';
import { agentEventTypes } from './values.ts';
import { count, pageLimit } from './paging.ts';

export const agentEventType = z.enum(agentEventTypes).meta({
  description:
    'text: a line that is not JSON; other: none of the other types. A command, a file or a tool is reported when ' +
    'it starts and again when it ends, with the same callId',
});
export type AgentEventType = z.infer<typeof agentEventType>;

export const agentEvent = z.object({
  number: z.int().meta({ description: 'Number of the event, from 1, without gaps, in the order of the log' }),
  time: time.nullable().meta({ description: 'Time reported by the agent, otherwise the time when its line was read' }),
  type: agentEventType,
  status: z
    .enum(['started', 'completed', 'failed'])
    .nullable()
    .meta({ description: 'For command, file, tool and result' }),
  role: z.enum(['assistant', 'user']).nullable().meta({ description: 'Author of the message' }),
  text: z.string().meta({ description: 'What was said, printed or answered. Long texts are cut and marked as cut' }),
  command: z.string().nullable(),
  exitCode: z.int().nullable().meta({ description: 'For command, if the agent reports it' }),
  path: z.string().nullable().meta({ description: 'For file' }),
  change: z.enum(['add', 'update', 'delete']).nullable().meta({ description: 'How the file changes' }),
  tool: z.string().nullable().meta({ description: "The agent's name for the tool" }),
  callId: z.string().nullable().meta({ description: 'The same for events that belong together' }),
  sessionId: z
    .string()
    .nullable()
    .meta({ description: 'For started and result: the id by which the session can be continued' }),
  model: z.string().nullable().meta({ description: 'For started' }),
  usage: z
    .object({ inputTokens: z.int(), cachedInputTokens: z.int(), outputTokens: z.int() })
    .nullable()
    .meta({ description: 'For result, as counted by the agent' }),
  costUsd: z.number().nullable().meta({ description: 'For result, if the agent reports it' }),
});
export type AgentEvent = z.infer<typeof agentEvent>;

export const agentEventsQuery = z.strictObject({
  since: count
    .default(0)
    .meta({ description: 'Return only events after this number: `next` or `number` of an earlier answer' }),
  type: agentEventType.optional().meta({ description: 'Return only events of this type' }),
  limit: pageLimit('events'),
});
export type AgentEventsQuery = z.input<typeof agentEventsQuery>;

export const agentEventPage = z.object({
  events: z.array(agentEvent),
  next: z.int().meta({ description: 'The value of `since` for the next page' }),
  more: z.boolean().meta({ description: 'More is available now' }),
  droppedBytes: z.int().meta({
    description:
      'Bytes of the log that maxLogBytes has dropped. If it is not 0, numbers begin with the first line that is left',
  }),
  status: runStatus,
});
export type AgentEventPage = z.infer<typeof agentEventPage>;
