/**
 * `cli/app` is the program `bgjobs`: it puts the verbs together and runs one. No other room imports it. The rooms of the
 * command line, from the bottom: `base`, `options`, `verbs`, `app`; each may import those below it.
 */

import { Command } from 'commander';
import { completeVerb, exitCodes, reportFailure, type Context } from '../base/context.ts';

/** Runs a command line. Reports errors and never throws. @returns the exit code */
export async function runCli(context: Context, version: string, words: readonly string[]): Promise<number> {
  if (words[0] === completeVerb) {
    const { complete } = await import('../completion/completion.ts');
    await complete(context, words.slice(1), (only) => buildProgram(context, version, only));
    return exitCodes.done;
  }
  const program = await buildProgram(context, version, words[0]);
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

/** @param only the name of the only verb that is needed. Any other text stands for all of them. */
async function buildProgram(context: Context, version: string, only = ''): Promise<Command> {
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
  const isOnly = (names: string): boolean => names.split('|').includes(only);
  const hasOnly = Object.values(groups).some((verbs) => Object.keys(verbs).some(isOnly));
  for (const [heading, verbs] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const [names, load] of Object.entries(verbs)) {
      if (hasOnly && !isOnly(names)) continue;
      (await load())(program, context);
      const [, alias] = names.split('|');
      if (alias !== undefined) program.commands.at(-1)?.alias(alias);
    }
  }
  program.helpCommand('help [command]', 'show help for a command');
  return program;
}

type AddVerb = (program: Command, context: Context) => void;

/** In the order of the help, with their aliases. A verb is loaded when it is needed, because loading takes time. */
const groups: Record<string, Record<string, () => Promise<AddVerb>>> = {
  'Start and watch:': {
    run: async () => (await import('../verbs/runVerb.ts')).addRun,
    agent: async () => (await import('../verbs/agentVerbs.ts')).addAgent,
    up: async () => (await import('../verbs/composeVerbs.ts')).addUp,
    'list|ls': async () => (await import('../verbs/listVerb.ts')).addList,
    status: async () => (await import('../verbs/showVerbs.ts')).addStatus,
    top: async () => (await import('../verbs/topVerb.ts')).addTop,
    inspect: async () => (await import('../verbs/showVerbs.ts')).addInspect,
    'output|logs': async () => (await import('../verbs/logsVerb.ts')).addOutput,
    attach: async () => (await import('../verbs/attachVerb.ts')).addAttach,
    wait: async () => (await import('../verbs/waitVerb.ts')).addWait,
    'agent-events': async () => (await import('../verbs/agentVerbs.ts')).addAgentEvents,
    events: async () => (await import('../verbs/showVerbs.ts')).addEvents,
  },
  'Control:': {
    'kill|stop': async () => (await import('../verbs/jobVerbs.ts')).addKill,
    down: async () => (await import('../verbs/composeVerbs.ts')).addDown,
    pause: async () => (await import('../verbs/changeVerbs.ts')).jobVerb('pause'),
    resume: async () => (await import('../verbs/changeVerbs.ts')).jobVerb('resume'),
    restart: async () => (await import('../verbs/changeVerbs.ts')).jobVerb('restart'),
    continue: async () => (await import('../verbs/agentVerbs.ts')).addContinue,
    input: async () => (await import('../verbs/jobVerbs.ts')).addInput,
  },
  'Queue:': {
    queue: async () => (await import('../verbs/queueVerbs.ts')).addQueue,
    hold: async () => (await import('../verbs/changeVerbs.ts')).jobVerb('hold'),
    release: async () => (await import('../verbs/changeVerbs.ts')).jobVerb('release'),
    move: async () => (await import('../verbs/queueVerbs.ts')).addMove,
    edit: async () => (await import('../verbs/editVerb.ts')).addEdit,
    update: async () => (await import('../verbs/jobVerbs.ts')).addUpdate,
    limits: async () => (await import('../verbs/limitsVerb.ts')).addLimits,
    hook: async () => (await import('../verbs/hookVerb.ts')).addHook,
  },
  'Maintenance:': {
    remove: async () => (await import('../verbs/changeVerbs.ts')).jobVerb('remove'),
    export: async () => (await import('../verbs/exportVerb.ts')).addExport,
    cleanup: async () => (await import('../verbs/hostVerbs.ts')).addCleanup,
    metrics: async () => (await import('../verbs/hostVerbs.ts')).addMetrics,
    doctor: async () => (await import('../verbs/hostVerbs.ts')).addDoctor,
    host: async () => (await import('../verbs/hostVerbs.ts')).addHost,
    serve: async () => (await import('../verbs/serveVerbs.ts')).addServe,
    mcp: async () => (await import('../verbs/serveVerbs.ts')).addMcp,
    setup: async () => (await import('../verbs/setupVerb.ts')).addSetup,
    completion: async () => (await import('../completion/completion.ts')).addCompletion,
  },
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
