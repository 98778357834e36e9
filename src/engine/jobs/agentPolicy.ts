import { BgJobsError } from '../../api/errors.ts';
import type { JobSpec } from '../../store/jobSpec.ts';
import { defaultShell } from '../launch/command.ts';

/** So much of a command is quoted in a refusal. */
const quotedLength = 200;

/**
 * Refuses what the user's deny list forbids agents. The judge is loaded with the first question to it: its parser is of no
 * use to a host without agents.
 * @param env of the run: it has the user's shell
 * @throws BgJobsError `policy_denied`, details `{pattern, part}`
 */
export async function checkAgentMayStart(
  { command, argv, shell }: Pick<JobSpec, 'command' | 'argv' | 'shell'>,
  env: NodeJS.ProcessEnv,
  deny: readonly string[],
): Promise<void> {
  if (deny.length === 0) return;
  const { judge } = await import('../../agents/policy/judge.ts');
  const what = { command, argv, shell: shell ?? defaultShell(env, process.platform) };
  const { verdict, pattern = null, part = null, problem } = judge(what, { allow: [], deny });
  if (verdict !== 'deny') return;
  const quoted = part !== null && part.length > quotedLength ? `${part.slice(0, quotedLength)}...` : part;
  const text =
    problem === undefined
      ? `The user does not let agents run "${quoted}": it matches the pattern "${pattern}" of the deny list. Ask the user.`
      : `Agents can start nothing until the user has corrected the deny list. ${problem}`;
  throw new BgJobsError('policy_denied', text, { pattern, part: quoted });
}
