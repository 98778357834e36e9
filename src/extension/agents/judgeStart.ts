import { policyBundle } from '../../bundles.ts';
import type * as Policy from '../../agents/policy/judge.ts';
import type { StartRequest } from '../../api/options.ts';
import { commandRules, shell } from '../base/settings.ts';
import { isMoreThanCommand } from './moreThanCommand.ts';

/** What the user's patterns say of a start. `ask` where they say nothing, and wherever more than the command counts. */
export async function judgeStart(what: StartRequest, isOutside: boolean): Promise<Policy.Verdict> {
  const rules = commandRules();
  if (rules.allow.length === 0 && rules.deny.length === 0) return { verdict: 'ask' };
  const { judge } = (await import(policyBundle)) as typeof Policy;
  const { command, argv } = what;
  const judged = judge({ command, argv, shell: shell() ?? usersShell() }, rules);
  return judged.verdict === 'allow' && isMoreThanCommand(what, isOutside) ? { verdict: 'ask' } : judged;
}

/** What a job runs its line in when it names no shell. Windows has none of the kind whose lines are judged. */
function usersShell(): string | null {
  return process.platform === 'win32' ? null : process.env['SHELL'] || '/bin/sh';
}
