import { policyBundle } from '../../home/package.ts';
import type * as Policy from '../../policy/judge.ts';
import type { StartRequest } from '../../protocol/start.ts';
import { commandRules, shell } from '../settings.ts';

/** What the user's patterns say of a start. `ask` where they say nothing, and wherever more than the command counts. */
export async function judgeStart(what: StartRequest, isOutside: boolean): Promise<Policy.Verdict> {
  const rules = commandRules();
  if (rules.allow.length === 0 && rules.deny.length === 0) return { verdict: 'ask' };
  const { judge } = (await import(policyBundle)) as typeof Policy;
  const { command, argv, env = {}, envFile, stdin, at, cron, restart } = what;
  const judged = judge({ command, argv, shell: shell() ?? usersShell() }, rules);
  const changesMore = isOutside || Object.keys(env).length > 0 || envFile !== undefined || stdin?.type === 'text';
  // Whoever allows a command means now, and once.
  const runsLater = at !== undefined || cron !== undefined || (restart !== undefined && restart.policy !== 'never');
  return judged.verdict === 'allow' && (changesMore || runsLater) ? { verdict: 'ask' } : judged;
}

/** What a job runs its line in when it names no shell. Windows has none of the kind whose lines are judged. */
function usersShell(): string | null {
  return process.platform === 'win32' ? null : (process.env['SHELL'] ?? '/bin/sh');
}
