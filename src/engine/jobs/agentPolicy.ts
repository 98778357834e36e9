import { BgJobsError } from '../../api/errors.ts';
import type { Actor } from '../../api/options.ts';
import { isEnded } from '../../api/values.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import { defaultShell } from '../launch/command.ts';

/** Maximum number of characters of a command that a refusal quotes. */
const quotedLength = 200;

/** Refuses what the user's deny list forbids agents to run. */
export class AgentPolicy {
  readonly #deny: () => readonly string[];

  constructor(deny: () => readonly string[]) {
    this.#deny = deny;
  }

  /**
   * @param inheritEnv the environment that the run builds on: it names the user's shell
   * @throws BgJobsError `policy_denied`, details `{pattern, part}`
   */
  async check(actor: Actor, spec: JobSpec, inheritEnv: NodeJS.ProcessEnv = process.env): Promise<void> {
    const deny = this.#deny();
    if (actor !== 'agent' || deny.length === 0) return;
    const env = { ...inheritEnv, ...(spec.env['SHELL'] && { SHELL: spec.env['SHELL'] }) };
    // Loaded on first use: a host without agents does not need its parser.
    const { judge } = await import('../../agents/policy/judge.ts');
    const what = { command: spec.command, argv: spec.argv, shell: spec.shell ?? defaultShell(env, process.platform) };
    const { verdict, pattern = null, part = null, problem } = judge(what, { allow: [], deny });
    if (verdict !== 'deny') return;
    const quoted = part !== null && part.length > quotedLength ? `${part.slice(0, quotedLength)}...` : part;
    const text =
      problem === undefined
        ? `The user does not allow agents to run "${quoted}": it matches the pattern "${pattern}" in the deny list. Ask the user.`
        : `Agents cannot start jobs until the user corrects the deny list. ${problem}`;
    throw new BgJobsError('policy_denied', text, { pattern, part: quoted });
  }

  /**
   * For jobs that an agent kills and puts back into the queue, which is a restart, or whose dependencies it removes, which
   * is a start.
   * @throws BgJobsError `policy_denied`
   */
  async checkAgain(jobs: readonly JobRow[]): Promise<void> {
    for (const { spec, status } of jobs) if (!isEnded(status)) await this.check('agent', spec);
  }
}
