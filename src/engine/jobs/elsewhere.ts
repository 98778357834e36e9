import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { StartOptions } from '../../api/options.ts';
import { isElsewhere } from '../../api/values.ts';

/** The options of sbatch that Background Jobs sets itself, because it depends on them. */
const own =
  /^-{1,2}(array|a|batch|chdir|D|dependency|d|error|e|export|export-file|get-user-env|H|hold|h|help|i|input|J|job-name|kill-on-invalid-dep|k|no-kill|no-requeue|o|open-mode|output|parsable|quiet|Q|requeue|signal|test-only|V|version|v|verbose|W|wait|wrap)(=|$)/;

/** @returns what cannot be done for a job that is to run on a cluster, as a sentence that says what to do instead */
export function elsewhereProblem(options: StartOptions): string | undefined {
  if (!isElsewhere(options)) return undefined;
  const { tty, stdin, secrets, readyWhen, inheritEnv = process.env } = options;
  if (process.platform === 'win32')
    return 'runner: Slurm cannot be used on Windows. Use the extension on a login node.';
  if (tty) return 'tty: a job of Slurm has no terminal. Start it without tty.';
  if (stdin.type === 'pipe') return 'stdin: a job of Slurm takes no live input. Give its input as text or as a file.';
  if (secrets && secrets.length > 0) {
    return 'secrets: Slurm stores the environment of a job on its controller. Let the job read secrets from a file.';
  }
  if (readyWhen && !('pattern' in readyWhen) && !('file' in readyWhen)) {
    return 'readyWhen: of a job of Slurm, a pattern in its output or a file shows that it is ready. Use one of the two.';
  }
  const wrong = options.slurm?.extra?.find((word) => !word.startsWith('-') || own.test(word));
  if (wrong !== undefined) {
    const what = wrong.startsWith('-') ? 'is set by Background Jobs itself' : 'is no option (--name=value)';
    return `slurm.extra: ${wrong} ${what}. Leave it out.`;
  }
  const folders = (inheritEnv['PATH'] ?? '/usr/bin:/bin').split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, 'sbatch')))) return undefined;
  return 'runner: the program sbatch of Slurm is not on PATH. Install the client of Slurm, or load its module.';
}
