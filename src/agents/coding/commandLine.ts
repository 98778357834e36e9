import type { CodingAgentOption } from '../../api/options.ts';

export interface AgentStart {
  argv: string[];
  codingAgent: CodingAgentOption;
}

/**
 * The command of a run that prints one JSON object a line, and what is known of its session beforehand.
 * Claude Code and Codex choose a session id and print it first. Copilot prints it last, so it is given one: a run that
 * was killed can be continued too.
 * @param newSession an id for a session that begins
 */
export function agentStart(agent: CodingAgentOption, newSession: string): AgentStart {
  const { name, prompt, sessionId, arguments: more } = agent;
  const model = agent.model === undefined ? [] : ['--model', agent.model];
  switch (name) {
    case 'claude': {
      const resume = sessionId === undefined ? [] : ['--resume', sessionId];
      const format = ['-p', '--output-format', 'stream-json', '--verbose'];
      return { argv: ['claude', ...format, ...model, ...resume, ...more, '--', prompt], codingAgent: agent };
    }
    case 'codex': {
      // The options of `exec` are not all known to `resume`, which comes behind them.
      const resume = sessionId === undefined ? [] : ['resume', sessionId];
      return { argv: ['codex', 'exec', '--json', ...model, ...more, ...resume, '--', prompt], codingAgent: agent };
    }
    case 'copilot': {
      const session = sessionId === undefined ? newSessionOption(newSession) : `--resume=${sessionId}`;
      return {
        argv: ['copilot', '--output-format=json', ...model, session, ...more, `--prompt=${prompt}`],
        codingAgent: { ...agent, sessionId: sessionId ?? newSession },
      };
    }
  }
}

/** Of a job, whatever it runs. */
interface Command {
  readonly argv?: string[] | undefined;
  readonly codingAgent?: CodingAgentOption | undefined;
}

/** Whether the session begins with the first run: there is none of this id before. */
export function beginsSession({ argv, codingAgent }: Command): boolean {
  const id = codingAgent?.sessionId;
  return id !== undefined && argv?.includes(newSessionOption(id)) === true;
}

/** What is the same whenever somebody asks for it: without the id of a session that begins. */
export function withoutNewSession({ argv, codingAgent }: Command): string[] | undefined {
  const id = codingAgent?.sessionId;
  return id === undefined ? argv : argv?.filter((word) => word !== newSessionOption(id));
}

function newSessionOption(id: string): string {
  return `--session-id=${id}`;
}
