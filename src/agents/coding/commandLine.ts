import type { CodingAgentOption } from '../../api/options.ts';

export interface AgentStart {
  argv: string[];
  codingAgent: CodingAgentOption;
}

/**
 * The command for a run that prints one JSON object per line, and the session id as far as it is known in advance.
 * Claude Code and Codex choose a session id and print it first. Copilot prints it last, so we choose it; otherwise a run
 * that was killed could not be continued.
 * @param newSession id for a new session
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
      // `resume` does not accept all options of `exec`, so it comes after them.
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

/** The relevant options of any job. */
interface Command {
  readonly argv?: string[] | undefined;
  readonly codingAgent?: CodingAgentOption | undefined;
}

/** Whether the first run starts the session, so that no session with this id exists before. */
export function beginsSession({ argv, codingAgent }: Command): boolean {
  const id = codingAgent?.sessionId;
  return id !== undefined && argv?.includes(newSessionOption(id)) === true;
}

/** The arguments without the id of a new session, to compare starts with each other. */
export function withoutNewSession({ argv, codingAgent }: Command): string[] | undefined {
  const id = codingAgent?.sessionId;
  return id === undefined ? argv : argv?.filter((word) => word !== newSessionOption(id));
}

function newSessionOption(id: string): string {
  return `--session-id=${id}`;
}
