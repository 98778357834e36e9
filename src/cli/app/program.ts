/**
 * `cli/app` is the program `bgjobs`: it puts the verbs together and runs one. No other room imports it. The rooms of the
 * command line, from the bottom: `base`, `options`, `verbs`, `app`; each may import those below it.
 */

import { Command } from 'commander';
import { reportFailure, type Context } from '../base/context.ts';
import { addAgent, addAgentEvents, addContinue } from '../verbs/agentVerbs.ts';
import { addCleanup, addDoctor, addHost, addMetrics } from '../verbs/hostVerbs.ts';
import { addInput, addKill, addMove, addUpdate, jobVerb } from '../verbs/jobVerbs.ts';
import { addOutput } from '../verbs/outputVerb.ts';
import { addLimits, addQueue } from '../verbs/queueVerbs.ts';
import { addRun } from '../verbs/runVerb.ts';
import { addSetup } from '../verbs/setupVerb.ts';
import { addMcp, addServe } from '../verbs/serveVerbs.ts';
import { addEvents, addInspect, addList, addStatus } from '../verbs/showVerbs.ts';
import { addWait } from '../verbs/waitVerb.ts';

/** Runs a command line. Reports errors and never throws. @returns the exit code */
export async function runCli(context: Context, version: string, words: readonly string[]): Promise<number> {
  const program = buildProgram(context, version);
  // Used for usage errors, before a verb has parsed its options. `--json` after `--` belongs to a job.
  let json = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined).includes('--json');
  program.hook('preAction', (_program, verb) => {
    json = verb.opts()['json'] === true;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return await reportFailure(context, error, json);
  }
}

function buildProgram(context: Context, version: string): Command {
  const program = new Command('bgjobs')
    .description(
      'Start, watch and stop background jobs: commands that keep running when your terminal or editor exits.',
    )
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => undefined, // reportFailure prints it
      getOutHelpWidth: () => context.stdout.columns || 120,
    })
    .addHelpText('after', help);
  for (const [heading, add] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const each of add) each(program, context);
  }
  program.helpCommand('help [command]', 'show help for a command');
  return program;
}

/** In the order of the help. */
const groups: Record<string, ((program: Command, context: Context) => void)[]> = {
  'Start and watch:': [addRun, addAgent, addList, addStatus, addInspect, addOutput, addWait, addAgentEvents, addEvents],
  'Control:': [addKill, jobVerb('pause'), jobVerb('resume'), jobVerb('restart'), addContinue, addInput],
  'Queue:': [addQueue, jobVerb('hold'), jobVerb('release'), addMove, addUpdate, addLimits],
  'Maintenance:': [jobVerb('remove'), addCleanup, addMetrics, addDoctor, addHost, addServe, addMcp, addSetup],
};

const help = `
Exit codes: 0 success, 2 usage error, 3 not found, 4 wrong state, 5 job host unreachable, 6 refused by a limit or policy,
124 timed out waiting, 1 any other error. \`run --wait\` exits with the job's exit code.
With --json, stdout contains exactly one JSON document (streams: one object per line), even for errors.

Environment:
  BGJOBS_HOME     data directory
  BGJOBS_SESSION  session of new jobs (default cli)
  NO_COLOR        disable colors
`;
