import { BgJobsError } from '../../api/errors.ts';
import type { CodingAgentName, CodingAgentOption } from '../../api/options.ts';

export interface AgentStart {
  argv: string[];
  codingAgent: CodingAgentOption;
}

/** What a command line is made of. */
interface Parts {
  prompt: string;
  /** The option for the model and those that were given. */
  options: string[];
  sessionId: string | undefined;
  newSession: string;
}

/** For a run that prints one JSON object per line. The prompt must not be taken for an option, whatever it begins with. */
const commandLines: Record<CodingAgentName, (parts: Parts) => string[]> = {
  claude: (parts) => [
    '-p',
    '--output-format',
    'stream-json',
    '--verbose',
    ...resumed('--resume', parts),
    ...end(parts),
  ],
  // `resume` does not accept all options of `exec`, so it comes after them.
  codex: ({ options, prompt, ...parts }) => ['exec', '--json', ...options, ...resumed('resume', parts), '--', prompt],
  copilot: ({ prompt, options, sessionId, newSession }) => {
    const session = sessionId === undefined ? newSessionOption(newSession) : `--resume=${sessionId}`;
    return ['--output-format=json', session, ...options, `--prompt=${prompt}`];
  },
  gemini: streamJson,
  qwen: streamJson,
  opencode: runJson,
  kilo: runJson,
  cline: ({ sessionId, ...parts }) => {
    if (sessionId === undefined) return ['--json', ...end(parts)];
    const message = `Cline continues a session only in its own interface (\`cline --id ${sessionId}\`). Start a new job instead.`;
    throw new BgJobsError('invalid_request', message);
  },
};

function streamJson({ prompt, options, ...parts }: Parts): string[] {
  return ['--output-format', 'stream-json', ...resumed('--resume', parts), ...options, `--prompt=${prompt}`];
}

function runJson(parts: Parts): string[] {
  return ['run', '--format', 'json', ...resumed('--session', parts), ...end(parts)];
}

function resumed(option: string, { sessionId }: Pick<Parts, 'sessionId'>): string[] {
  return sessionId === undefined ? [] : [option, sessionId];
}

function end({ options, prompt }: Pick<Parts, 'options' | 'prompt'>): string[] {
  return [...options, '--', prompt];
}

/**
 * The command, and the session id as far as it is known in advance. Most agents choose a session id and print it first.
 * Copilot prints it last, so we choose it; otherwise a run that was killed could not be continued.
 * @throws BgJobsError `invalid_request` for a session that the agent cannot continue without a terminal
 * @param newSession id for a new session
 */
export function agentStart(agent: CodingAgentOption, newSession: string): AgentStart {
  const { name, prompt, sessionId, model } = agent;
  const options = [...(model === undefined ? [] : ['--model', model]), ...agent.arguments];
  const argv = [name, ...commandLines[name]({ prompt, options, sessionId, newSession })];
  return { argv, codingAgent: name === 'copilot' ? { ...agent, sessionId: sessionId ?? newSession } : agent };
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
