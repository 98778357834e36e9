import { policyBundle } from '../../bundles.ts';
import type * as Policy from '../../agents/policy/judge.ts';
import type { StartRequest } from '../../api/options.ts';
import { commandRules, shell } from '../base/settings.ts';
import { isMoreThanCommand } from './moreThanCommand.ts';

/** The verdict of the user's patterns on a start: `ask` when none matches, or when more than the command matters. */
export async function judgeStart(what: StartRequest, isOutside: boolean): Promise<Policy.Verdict> {
  const rules = commandRules();
  if (rules.allow.length === 0 && rules.deny.length === 0) return { verdict: 'ask' };
  const { judge } = (await import(policyBundle)) as typeof Policy;
  const { command, argv } = what;
  const judged = judge({ command, argv, shell: shell() ?? usersShell() }, rules);
  return judged.verdict === 'allow' && isMoreThanCommand(what, isOutside) ? { verdict: 'ask' } : judged;
}

/** The default shell of a job. Windows has none whose lines can be judged. */
function usersShell(): string | null {
  return process.platform === 'win32' ? null : process.env['SHELL'] || '/bin/sh';
}
