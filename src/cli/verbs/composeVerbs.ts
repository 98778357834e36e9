import type { Command } from 'commander';
import type { StartRequest } from '../../api/options.ts';
import { isFailure } from '../../api/values.ts';
import type { Action, Outcome } from '../../compose/up.ts';
import type { Difference, Project } from '../../compose/project.ts';
import { oneLine, plural } from '../../text/grammar.ts';
import { quoteArgument } from '../../text/quoting.ts';
import { answer, definedOnly, exitCodes, note, usageError, write, type Context, type Json } from '../base/context.ts';
import { painter, table } from '../base/table.ts';
import { offering } from '../options/offer.ts';
import { describeKill } from './jobVerbs.ts';
import { changedText, fileOf, loadCompose, stateCells, waitingReason, type FileOptions } from './projectStatus.ts';

interface UpVerbOptions extends FileOptions {
  profile?: string[];
  restartChanged?: true;
  dryRun?: true;
  waitReady?: true;
}

const fileHelp = 'the file (default bgjobs.yaml, process-compose.yaml or Procfile, here or in a folder above)';

export function addUp(program: Command, context: Context): void {
  const profile = 'also start the jobs of this profile (can be repeated)';
  const changed = 'stop running jobs whose description in the file has changed, and start them anew';
  const ready = 'return when all jobs with readyWhen are ready; exit with 1 if one does not become ready';
  program
    .command('up')
    .summary('start the jobs of bgjobs.yaml or a Procfile')
    .description(
      'Start the jobs that a file describes, each when those that it depends on are ready. Jobs that run are left alone.',
    )
    .argument('[name...]', 'only these jobs, and those that they depend on')
    .addOption(offering('files', '--file <file>', fileHelp))
    .option('--profile <name>', profile, (one: string, before: string[] = []) => [...before, one])
    .option('--restart-changed', changed)
    .option('--wait-ready', ready)
    .option('--dry-run', 'show what would be done, and start nothing')
    .option('--json', 'print {session, file, jobs, differences}')
    .addHelpText('after', help)
    .action((names: string[], options: UpVerbOptions) => runUp(context, names, options));
}

async function runUp(context: Context, names: string[], options: UpVerbOptions): Promise<void> {
  const { profile = [], restartChanged = false, dryRun = false, waitReady, json } = options;
  if (waitReady && dryRun) throw usageError('--wait-ready cannot be used with --dry-run');
  const { up, ...compose } = await loadCompose();
  const project = compose.readProject(fileOf(context, compose, options), context.env);
  await noteDifferences(context, project, options);
  const service = await context.connect();
  // A hook that starts jobs is not told of them: that would never end.
  const hook = context.env['BGJOBS_HOOK'];
  const complete = (request: StartRequest): StartRequest => ({
    ...request,
    ...(hook && { tags: { ...request.tags, hook } }),
    inheritEnv: definedOnly(context.env),
  });
  const jobs = await up(service, project, { names, profiles: profile, restartChanged, dryRun, complete });
  if (waitReady) await waitUntilReady(context, service, jobs);
  const { session, file, differences } = project;
  const limited = jobs.filter(({ job }) => job?.waitingFor?.type === 'limit').length;
  if (limited > 0)
    await note(context, `${plural(limited, 'job waits', 'jobs wait')} for a free slot: see bgjobs limits`);
  const failed = jobs.some(({ error, job }) => error !== null || (job && isFailure(job.status)));
  if (failed) context.exitCode ||= exitCodes.failure;
  await answer(context, { json }, { session, file, jobs, differences }, () =>
    describeUp(context, session, jobs, dryRun),
  );
}

async function waitUntilReady(
  context: Context,
  service: Awaited<ReturnType<Context['connect']>>,
  outcomes: Outcome[],
): Promise<void> {
  await Promise.all(
    outcomes.map(async (outcome) => {
      if (!outcome.job?.options.readyWhen) return;
      outcome.job = (await service.waitForJob(outcome.job.id, { for: 'ready' })).job;
      if (!outcome.job.ready) context.exitCode = exitCodes.failure;
    }),
  );
}

function describeUp(context: Context, session: string, outcomes: readonly Outcome[], dryRun: boolean): string {
  const words = dryRun ? plans : actions;
  const rows = outcomes.map(({ name, action, job, error }) => {
    const why = error?.message ?? (job && waitingReason(job));
    return [name, ...stateCells(job), oneLine(why ? `${words[action]}: ${why}` : words[action])];
  });
  const next = `Next: bgjobs logs --session ${quoteArgument(session)} --follow | status | down`;
  const shown = table(context, ['JOB', 'ID', 'STATUS', ''], rows);
  return dryRun ? shown : `${shown}\n${painter(context)('dim', next)}`;
}

const actions: Readonly<Record<Action, string>> = {
  started: 'started',
  kept: 'was running already',
  changed: changedText,
  restarted: 'stopped and started anew',
  completed: 'has completed for a job that runs',
  failed: 'was not started',
  skipped: 'was not started',
};
const plans: Readonly<Record<Action, string>> = {
  ...actions,
  started: 'would be started',
  kept: 'runs already',
  restarted: 'would be stopped and started anew',
};

export function addDown(program: Command, context: Context): void {
  program
    .command('down')
    .summary('stop the jobs of bgjobs.yaml or a Procfile')
    .description('Stop the jobs that `bgjobs up` has started from a file, each before those that it depends on.')
    .argument('[name...]', 'only these jobs')
    .addOption(offering('files', '--file <file>', fileHelp))
    .option('--json', 'print {results: [...]}')
    .action(async (names: string[], options: FileOptions) => {
      const { down, ...compose } = await loadCompose();
      const file = fileOf(context, compose, options);
      const results = await down(await context.connect(), file, names);
      if (results.some(({ survivors }) => survivors.length > 0)) context.exitCode = exitCodes.failure;
      await answer(context, options, { results }, () => {
        return results.map(describeKill).join('\n') || `no jobs of ${file} are running`;
      });
    });
}

async function noteDifferences(context: Context, { file, differences }: Project, { json }: Json): Promise<void> {
  if (json || differences.length === 0) return;
  await note(context, `${file} is read with these differences:`);
  await write(context.stderr, `${differences.map(differenceLine).join('\n')}\n`);
}

function differenceLine({ line, field, text }: Difference): string {
  return `  line ${line}, ${oneLine(field)}: ${oneLine(text)}`;
}

const help = `
A bgjobs.yaml, for example:

  env: { LOG_LEVEL: debug }
  jobs:
    db:
      command: postgres -D data
      readyWhen: listening
      restart: on-failure
    migrate:
      command: npm run migrate
      dependsOn: [db]
    web:
      command: npm run dev
      dependsOn: { db: ready, migrate: succeeded }
      envFile: .env
    mail:
      command: mailpit
      profiles: [mail]

The jobs are in a session of the name of the folder, or of \`name:\` at the top.

Examples:
  $ bgjobs up
  $ bgjobs up web --wait-ready
  $ bgjobs up --profile mail
  $ bgjobs up --file Procfile.dev --dry-run
`;
