import type { Conversation } from '../../test/helpers/chat.ts';

/** The tools that a model has for background work, used as their descriptions say. */
export interface Side {
  readonly toolNames: readonly string[];
  /** Starts a command in the background. */
  start(agent: Conversation, command: string): Promise<Started>;
  /** Waits for the end of the command. @returns the message to the model */
  waitForEnd(agent: Conversation, id: string): Promise<string>;
  /** Runs a command to its end. @returns the answers to the model */
  run(agent: Conversation, command: string): Promise<string[]>;
  kill(agent: Conversation, id: string): Promise<string>;
}

export interface Started {
  readonly id: string;
  readonly answer: string;
}

export const ours: Side = {
  toolNames: [
    'bgjobs_start_job',
    'bgjobs_list_jobs',
    'bgjobs_get_job_status',
    'bgjobs_get_job_output',
    'bgjobs_wait_for_job',
    'bgjobs_send_job_input',
    'bgjobs_kill_job',
    'bgjobs_cleanup_jobs',
  ],
  async start(agent, command) {
    const answer = await agent.callTool('bgjobs_start_job', { command });
    return { id: found(answer, jobId), answer };
  },
  waitForEnd: (agent, id) => agent.callTool('bgjobs_wait_for_job', { id }),
  async run(agent, command) {
    const { id, answer } = await ours.start(agent, command);
    return hasEnded(answer) ? [answer] : [answer, await ours.waitForEnd(agent, id)];
  },
  kill: (agent, id) => agent.callTool('bgjobs_kill_job', { id }),
};

/** Ours, answering at once without watching for output. */
export const oursAtOnce: Side = {
  ...ours,
  async start(agent, command) {
    const answer = await agent.callTool('bgjobs_start_job', { command, lookMs: 0 });
    return { id: found(answer, jobId), answer };
  },
};

/** The editor's own terminal tools. */
export const terminal: Side = {
  toolNames: ['run_in_terminal', 'get_terminal_output', 'send_to_terminal', 'kill_terminal'],
  async start(agent, command) {
    const answer = await agent.callTool('run_in_terminal', inTerminal(command, 'async'));
    return { id: found(answer, /\bID=([\w-]+)/), answer };
  },
  waitForEnd: (agent) => agent.untilAddressed('I wait for the end.'),
  async run(agent, command) {
    const answer = await agent.callTool('run_in_terminal', inTerminal(command, 'sync'));
    const filePath = /Use the read_file tool to access the content at: (\S+)/.exec(answer)?.[1];
    if (filePath === undefined) return [answer];
    return [answer, await agent.callTool('read_file', { filePath, startLine: 1, endLine: 2000 })];
  },
  kill: (agent, id) => agent.callTool('kill_terminal', { id }),
};

const jobId = /^Job (\w+)/;

function hasEnded(answer: string): boolean {
  return /^Job \w+ is (?:completed|failed)/.test(answer);
}

function inTerminal(command: string, mode: 'sync' | 'async'): object {
  return { command, mode, explanation: 'Does the work.', goal: 'Work' };
}

function found(text: string, pattern: RegExp): string {
  const id = pattern.exec(text)?.[1];
  if (id === undefined) throw new Error(`The answer has no id:\n${text}`);
  return id;
}
