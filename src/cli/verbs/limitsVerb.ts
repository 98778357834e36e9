import { InvalidArgumentError, type Command } from 'commander';
import { answer, note, type Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseCount } from '../options/parse.ts';
import { limitsSentence } from '../../text/limitText.ts';
import { capitalized } from '../../text/grammar.ts';

export function addLimits(program: Command, context: Context): void {
  program
    .command('limits')
    .summary('show and change how many jobs may run at once')
    .description('Show how many jobs may run at once, or change it: at once, for all hosts to come. 0 is no limit.')
    .option('--max <n>', 'of all jobs', parseCount)
    .option('--max-per-session <n>', 'of the jobs of a session', parseCount)
    .option('--session <name=n>', 'of this session instead; NAME= goes back; may be repeated', collectLimit)
    .option('--json', 'print {maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits}')
    .addHelpText('after', help)
    .action((options: Options) => limits(context, options));
}

interface Options {
  max?: number;
  maxPerSession?: number;
  session?: SessionLimits;
  json?: boolean;
}

/** Null: none of its own. */
type SessionLimits = Record<string, number | null>;

async function limits(context: Context, options: Options): Promise<void> {
  const service = await context.connect();
  const update = definedOnly({
    maxConcurrentJobs: options.max,
    maxConcurrentJobsPerSession: options.maxPerSession,
    sessionLimits: options.session,
  });
  const isChange = Object.keys(update).length > 0;
  const { limits: after } = isChange ? await service.updateHost(update) : await service.getHost();
  await answer(context, options, after, () => `${capitalized(limitsSentence(after))}.`);
  if (update.maxConcurrentJobs !== undefined && update.maxConcurrentJobs !== after.maxConcurrentJobs) {
    await note(context, 'BGJOBS_MAX_CONCURRENT_JOBS of the job host wins: stop it, and start it without (bgjobs host)');
  }
}

/** Of a repeated `--session`. */
function collectLimit(text: string, before: SessionLimits = {}): SessionLimits {
  const equals = text.lastIndexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('Write NAME=N, or NAME= for the limit that all sessions have.');
  const limit = text.slice(equals + 1);
  return { ...before, [text.slice(0, equals)]: limit === '' ? null : parseCount(limit) };
}

const help = `
Where the settings of an editor say something about this, they are in force again when it connects.

Examples:
  $ bgjobs limits
  $ bgjobs limits --max 4 --session nightly=1
`;
