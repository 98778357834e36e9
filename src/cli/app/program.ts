import { Command } from 'commander';
import type { Context } from '../base/context.ts';
import { reportFailure } from '../base/cliFailure.ts';
import { addAgent, addAgentEvents, addContinue } from '../verbs/agentVerbs.ts';
import { addCleanup } from '../verbs/cleanupVerb.ts';
import { addDoctor } from '../verbs/doctorVerb.ts';
import { addEvents } from '../verbs/eventsVerb.ts';
import { addHold } from '../verbs/holdVerb.ts';
import { addHost } from '../verbs/hostVerb.ts';
import { addInput } from '../verbs/inputVerb.ts';
import { addInspect } from '../verbs/inspectVerb.ts';
import { addKill } from '../verbs/killVerb.ts';
import { addLimits } from '../verbs/limitsVerb.ts';
import { addList } from '../verbs/listVerb.ts';
import { addMcp } from '../verbs/mcpVerb.ts';
import { addMetrics } from '../verbs/metricsVerb.ts';
import { addMove } from '../verbs/moveVerb.ts';
import { addOutput } from '../verbs/outputVerb.ts';
import { addPause } from '../verbs/pauseVerb.ts';
import { addQueue } from '../verbs/queueVerb.ts';
import { addRelease } from '../verbs/releaseVerb.ts';
import { addRemove } from '../verbs/removeVerb.ts';
import { addRestart } from '../verbs/restartVerb.ts';
import { addResume } from '../verbs/resumeVerb.ts';
import { addRun } from '../verbs/runVerb.ts';
import { addServe } from '../verbs/serveVerb.ts';
import { addStatus } from '../verbs/statusVerb.ts';
import { addUpdate } from '../verbs/updateVerb.ts';
import { addWait } from '../verbs/waitVerb.ts';

/** Does what the words say. Never throws: what goes wrong is said. @returns the exit code */
export async function runCli(context: Context, version: string, words: readonly string[]): Promise<number> {
  const program = buildProgram(context, version);
  // Until a verb has understood its options, for wrong usage; `--json` behind `--` belongs to a job.
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
    .description('Background jobs: start, watch and stop long-running commands. They survive whoever started them.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => undefined, // reportFailure says it
      getOutHelpWidth: () => context.stdout.columns || 120,
    })
    .addHelpText('after', help);
  program.commandsGroup('Start and watch:');
  addRun(program, context);
  addAgent(program, context);
  addList(program, context);
  addStatus(program, context);
  addInspect(program, context);
  addOutput(program, context);
  addWait(program, context);
  addAgentEvents(program, context);
  addEvents(program, context);
  program.commandsGroup('Control:');
  addKill(program, context);
  addPause(program, context);
  addResume(program, context);
  addRestart(program, context);
  addContinue(program, context);
  addInput(program, context);
  program.commandsGroup('The queue:');
  addQueue(program, context);
  addHold(program, context);
  addRelease(program, context);
  addMove(program, context);
  addUpdate(program, context);
  addLimits(program, context);
  program.commandsGroup('Keep in order:');
  addRemove(program, context);
  addCleanup(program, context);
  addMetrics(program, context);
  addDoctor(program, context);
  addHost(program, context);
  addServe(program, context);
  addMcp(program, context);
  program.helpCommand('help [verb]', 'explain a verb');
  return program;
}

const help = `
Exit codes: 0 done, 2 wrong usage, 3 not found, 4 wrong state, 5 the job host cannot be reached, 6 refused by a
limit or a policy, 124 a wait timed out, 1 anything else. \`run --wait\` ends with the job's own code.
With --json stdout carries exactly one JSON document (a stream: one object a line), also when something goes wrong.

Environment:
  BGJOBS_HOME     where everything is kept
  BGJOBS_SESSION  the session of new jobs (cli)
  NO_COLOR        no colours
`;
