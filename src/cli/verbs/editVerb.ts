import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Argument, type Command } from 'commander';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import type { JobUpdate } from '../../api/jobUpdate.ts';
import { commandLine } from '../../text/grammar.ts';
import { answer, definedOnly, note, usageError, type Context, type Json } from '../base/context.ts';
import { painter, statusStyle } from '../base/table.ts';
import { jobArgument, offering, withOffer } from '../options/offer.ts';
import {
  collectEnvironment,
  collectTag,
  field,
  parseCount,
  parseDuration,
  parseInteger,
  parseSize,
} from '../options/parse.ts';

type EditOptions = Json & JobUpdate;

export function addEdit(program: Command, context: Context): void {
  const argvHelp = 'new program and arguments, passed on unchanged without a shell';
  program
    .command('edit')
    .summary('edit a job that has not started')
    .description(
      'Edit a job that has not started: its command, folder, environment, name, tags, limits and priority. Without ' +
        'options, it opens in $VISUAL or $EDITOR.',
    )
    .usage("[options] ID [-- PROGRAM [ARGUMENT...]]\n       bgjobs edit [options] --shell 'LINE' ID")
    .addArgument(jobArgument('<id>', { status: 'waiting' }))
    .addArgument(withOffer(new Argument('[argv...]', argvHelp), 'program'))
    .addOption(field('command', '--shell <line>', 'run this line in a shell instead'))
    .addOption(offering('names', '--name <name>', 'new name'))
    .addOption(offering('folders', '--cwd <folder>', 'new working directory'))
    .option('--env <name=value>', 'set another variable; NAME- removes it (can be repeated)', collectEnvironment)
    .addOption(field('tags', '--tag <key=value>', 'replace the tags (can be repeated)', collectTag))
    .option('--priority <1-10>', 'jobs with a higher priority start first', parseCount)
    .addOption(field('timeoutMs', '--timeout <duration>', 'new time limit; 0: none', parseDuration))
    .addOption(
      field('idleTimeoutMs', '--idle-timeout <duration>', 'new time limit without output; 0: none', parseDuration),
    )
    .addOption(field('limits.memoryBytes', '--memory <size>', 'new memory limit', parseSize))
    .addOption(field('limits.nice', '--nice <-20..19>', 'new nice value', parseInteger))
    .option('--json', 'print the job as JSON')
    .addHelpText('after', help)
    .action((id: string, argv: string[], options: EditOptions) => edit(context, id, argv, options));
}

async function edit(context: Context, id: string, argv: string[], { json, ...given }: EditOptions): Promise<void> {
  if (argv.length > 0 && given.command !== undefined) throw usageError('--shell cannot be used with a program');
  const service = await context.connect();
  const options: JobUpdate = { ...given, ...(argv.length > 0 && { argv }) };
  if (given.cwd !== undefined) options.cwd = resolve(context.cwd, given.cwd);
  for (const limit of ['timeoutMs', 'idleTimeoutMs'] as const) if (options[limit] === 0) options[limit] = null;
  const before = await service.getJob(id);
  if (options.limits) options.limits = { ...before.options.limits, ...options.limits };
  const describe = (job: Job): string =>
    `${job.shortId} ${painter(context)(statusStyle[job.status], job.status)}  ${commandLine(job)}`;
  if (Object.keys(options).length > 0) {
    const job = await service.updateJob(before.id, options);
    return answer(context, { json }, job, () => describe(job));
  }
  const job = await editInEditor(context, before, (update) => service.updateJob(before.id, update));
  if (!job) return json ? answer(context, { json }, before, () => '') : note(context, 'nothing was changed');
  await answer(context, { json }, job, () => describe(job));
}

/** The fields as they stand in the file. Values of variables are not told, so only further ones can be set. */
function fieldsOf({ name, command, argv, cwd, tags, priority, options }: Job): Record<string, unknown> {
  const { timeoutMs, idleTimeoutMs, limits } = options;
  return {
    name,
    ...(command === null ? { argv } : { command }),
    ...{ cwd, env: {}, tags, priority, timeoutMs, idleTimeoutMs, limits },
  };
}

/** @returns the job as it is then; undefined if nothing was changed @throws BgJobsError that names the file, which is kept */
async function editInEditor(
  { env }: Context,
  job: Job,
  save: (update: JobUpdate) => Promise<Job>,
): Promise<Job | undefined> {
  const editor = env['VISUAL'] || env['EDITOR'] || 'vi';
  const folder = await mkdtemp(join(tmpdir(), 'bgjobs-'));
  const file = join(folder, `job-${job.shortId}.json`);
  const fields = fieldsOf(job);
  const text = `${JSON.stringify(fields, null, 2)}\n`;
  await writeFile(file, text, { mode: 0o600 });
  try {
    // As git does: the variable may have arguments.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, editor, file], { stdio: 'inherit' });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0)
      throw usageError(`The editor "${editor}" failed, so nothing was changed. Set EDITOR to another one.`);
    const edited = await readFile(file, 'utf8');
    const changes = edited === text ? {} : changesIn(edited, fields);
    const after = Object.keys(changes).length === 0 ? undefined : await save(changes);
    await rm(folder, { recursive: true });
    return after;
  } catch (error) {
    if (!(error instanceof BgJobsError)) throw error;
    const where = `Your text is in ${file}.`;
    throw new BgJobsError(error.code, `${error.message} ${where}`, error.details);
  }
}

/** @throws BgJobsError `invalid_request` */
function changesIn(text: string, fields: Record<string, unknown>): Record<string, unknown> {
  let edited: unknown;
  try {
    edited = JSON.parse(text);
  } catch (error) {
    throw usageError(`That is not JSON: ${(error as Error).message}.`);
  }
  if (typeof edited !== 'object' || edited === null || Array.isArray(edited))
    throw usageError('That is no JSON object.');
  const changed = Object.entries(edited).filter(([name, value]) => !isDeepStrictEqual(value, fields[name]));
  return definedOnly(Object.fromEntries(changed)) as Record<string, unknown>;
}

const help = `
A job that runs or has run is not edited: stop it, and start a new one. In the editor, the job is JSON; give command (a
shell line) or argv (program and arguments). env takes further variables, null removes one.

Examples:
  $ bgjobs edit build --timeout 10m --tag team=web
  $ bgjobs edit build -- make -j4 all
  $ EDITOR=nano bgjobs edit @last
`;
