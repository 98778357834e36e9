/** The values of options of which one is chosen. Without their schemas, so that a command can name them and begin at once. */
export const dependencyConditions = ['succeeded', 'finished', 'started', 'ready'] as const;
export const dependencyFailures = ['cancel', 'wait'] as const;
export const missedTimes = ['once', 'skip'] as const;
export const overlaps = ['skip', 'queue', 'start'] as const;
export const restartPolicies = ['never', 'on-failure', 'always'] as const;

/** Where a job can be moved in the queue. */
export const directions = ['up', 'down', 'first', 'last'] as const;
export type Direction = (typeof directions)[number];

export const codingAgentNames = ['claude', 'codex', 'copilot'] as const;
export const agentEventTypes = [
  'started',
  'message',
  'reasoning',
  'command',
  'file',
  'tool',
  'result',
  'error',
  'text',
  'other',
] as const;
