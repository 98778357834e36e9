import { resolve } from 'node:path';
import type { JobSpec } from '../../store/jobTable.ts';
import type { End } from '../../store/runTable.ts';
import { crlfText, firstLine } from '../launch/scriptFile.ts';
import type { ActiveRun, RunHook } from './hook.ts';

/** Exit codes for syntax errors (2) and for programs that are not found, such as `ls\r`. */
const unreadable: readonly (number | null)[] = [2, 126, 127];

const shell = /^(?:.*\/)?(?:ba|da|k|z)?sh$/;

/** Says why a shell cannot read a script from Windows. */
export function crlfScript(): RunHook {
  function beforeEnd({ job: { spec } }: Pick<ActiveRun, 'job'>, { exitCode }: End): Partial<End> {
    if (!unreadable.includes(exitCode)) return {};
    const script = scriptOf(spec);
    const isFromWindows = script !== undefined && firstLine(resolve(spec.cwd, script)).endsWith('\r');
    return isFromWindows ? { reasonText: `${script} ${crlfText}` } : {};
  }
  return { name: 'crlfScript', beforeEnd };
}

function scriptOf({ command = '', argv = command.trim().split(/\s+/) }: JobSpec): string | undefined {
  const [program = '', ...words] = argv;
  return shell.test(program) ? words.find((word) => !word.startsWith('-')) : program;
}
