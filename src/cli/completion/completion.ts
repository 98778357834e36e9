import { Argument, type Command } from 'commander';
import { write, type Context } from '../base/context.ts';
import { candidates } from './candidates.ts';
import { placeOf } from './cursor.ts';
import { shells, type ShellName } from './shells.ts';

const shellNames = Object.keys(shells) as ShellName[];

export function addCompletion(program: Command, context: Context): void {
  program
    .command('completion')
    .summary('print what makes a shell complete bgjobs')
    .description(
      'Print a script that makes a shell complete the verbs and options of bgjobs, ids and names of jobs, and sessions. ' +
        'What runs as a job is completed as without bgjobs.',
    )
    .addArgument(new Argument('<shell>', 'the shell that is to load the script').choices(shellNames))
    .addHelpText('after', help)
    .action((shell: ShellName) => write(context.stdout, shells[shell].script));
}

const help = `
To load it in each new shell:
${shellNames.map((name) => `  ${name}: ${shells[name].load}`).join('\n')}
`;

/** How long somebody who pressed the tab key waits for the job host (milliseconds). */
const patienceMs = 1000;

/**
 * Answers the script of a shell. Starts no job host and reports no failure: whoever presses the tab key wants neither.
 * @param args the shell, and what its script passes on
 * @param build builds the program with one verb, or with all
 */
export async function complete(
  context: Context,
  [name = '', ...args]: readonly string[],
  build: (only: string | undefined) => Promise<Command>,
): Promise<void> {
  const shell = shellNames.find((known) => known === name);
  if (shell === undefined) return;
  const { words, current, answer } = shells[shell].asked(args, context.env);
  const isHelp = words.length === 1 && words[0] === 'help';
  const place = placeOf(await build(words[0]), isHelp ? [] : words, current);
  let timer: NodeJS.Timeout | undefined;
  const reply = await Promise.race([
    candidates(place, current, () => context.connect(false)).catch(() => undefined),
    new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), patienceMs);
    }),
  ]);
  clearTimeout(timer);
  if (reply) await write(context.stdout, `${answer(reply).join('\n')}\n`);
}
