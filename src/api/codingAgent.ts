import * as z from 'zod';
import { count, pageLimit } from './paging.ts';
import { runStatus, time } from './options.ts';
import { agentEventTypes } from './values.ts';

export const agentEventType = z
  .enum(agentEventTypes)
  .describe(
    'text: a line that is not JSON; other: none of the other types. A command, a file or a tool is reported when ' +
      'it starts and again when it ends, with the same callId',
  );
export type AgentEventType = z.infer<typeof agentEventType>;

export const agentEvent = z.object({
  number: z.int().describe('Number of the event, from 1, without gaps, in the order of the log'),
  time: time.nullable().describe('Time reported by the agent, otherwise the time when its line was read'),
  type: agentEventType,
  status: z
    .enum(['started', 'completed', 'failed', 'killed'])
    .nullable()
    .describe('For command, file, tool and result. A result is killed when the run was'),
  role: z.enum(['assistant', 'user']).nullable().describe('Author of the message'),
  text: z.string().describe('What was said, printed or answered. Long texts are cut and marked as cut'),
  command: z.string().nullable(),
  exitCode: z.int().nullable().describe('For command, if the agent reports it'),
  path: z.string().nullable().describe('For file'),
  change: z.enum(['add', 'update', 'delete']).nullable().describe('How the file changes'),
  tool: z.string().nullable().describe("The agent's name for the tool"),
  callId: z.string().nullable().describe('The same for events that belong together'),
  sessionId: z.string().nullable().describe('For started and result: the id by which the session can be continued'),
  model: z.string().nullable().describe('For started'),
  usage: z
    .object({ inputTokens: z.int(), cachedInputTokens: z.int(), outputTokens: z.int() })
    .nullable()
    .describe('For result: of the whole run, as counted by the agent'),
  costUsd: z.number().nullable().describe('For result, if the agent reports it'),
});
export type AgentEvent = z.infer<typeof agentEvent>;

export const agentEventsQuery = z.strictObject({
  since: count.default(0).describe('Return only events after this number: `next` or `number` of an earlier answer'),
  type: agentEventType.optional().describe('Return only events of this type'),
  limit: pageLimit('events'),
});
export type AgentEventsQuery = z.input<typeof agentEventsQuery>;

export const agentEventPage = z.object({
  events: z.array(agentEvent),
  next: z.int().describe('The value of `since` for the next page'),
  more: z.boolean().describe('More is available now'),
  droppedBytes: z
    .int()
    .describe(
      'Bytes of the log that maxLogBytes has dropped. If it is not 0, numbers begin with the first line that is left',
    ),
  status: runStatus,
});
export type AgentEventPage = z.infer<typeof agentEventPage>;
