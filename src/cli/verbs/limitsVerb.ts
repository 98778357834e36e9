import { InvalidArgumentError, type Command } from 'commander';
import type { SettingsUpdate } from '../../api/host.ts';
import { quotaNames, type QuotaName } from '../../api/quotas.ts';
import { capitalized } from '../../text/grammar.ts';
import { quotasText } from '../../text/quotaText.ts';
import { limitsText } from '../../text/stateText.ts';
import { answer, note, type Context, type Json } from '../base/context.ts';
import { field, parseCount } from '../options/parse.ts';

export function addLimits(program: Command, context: Context): void {
  const ofSession = 'limit for this session; NAME= removes it (can be repeated)';
  const quotaOfAll = 'quota of all jobs together, for example waitingJobs=100; NAME= removes it (can be repeated)';
  const quotaOfOne = 'quota of this session, instead of that of each session (can be repeated)';
  program
    .command('limits')
    .summary('show or change limits and quotas')
    .description(
      'Show or change how many jobs can run at the same time, and how much jobs may take together. Changes apply at ' +
        'once and persist. 0 means no limit and no quota.',
    )
    .addOption(field('maxConcurrentJobs', '--max <n>', 'limit for all jobs together', parseCount))
    .addOption(field('maxConcurrentJobsPerSession', '--max-per-session <n>', 'limit for each session', parseCount))
    .addOption(field('sessionLimits', '--session <name=n>', ofSession, collectLimit))
    .addOption(field('quotas', '--quota <name=n>', quotaOfAll, collectQuota))
    .addOption(field('quotasPerSession', '--quota-per-session <name=n>', 'quota of each session', collectQuota))
    .addOption(field('sessionQuotas', '--session-quota <session:name=n>', quotaOfOne, collectSessionQuota))
    .option(
      '--json',
      'print {maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits, quotas, quotasPerSession, sessionQuotas}',
    )
    .addHelpText('after', limitsHelp)
    .action(({ json, ...update }: SettingsUpdate & Json) => limits(context, json, update));
}

async function limits(context: Context, json: boolean | undefined, update: SettingsUpdate): Promise<void> {
  const service = await context.connect();
  const isChange = Object.keys(update).length > 0;
  const { limits: after, settings } = isChange ? await service.updateHost(update) : await service.getHost();
  const { quotas, quotasPerSession, sessionQuotas } = settings;
  const all = { ...after, quotas, quotasPerSession, sessionQuotas };
  await answer(context, { json }, all, () => [`${capitalized(limitsText(after))}.`, ...quotasText(all)].join('\n'));
  if (update.maxConcurrentJobs !== undefined && update.maxConcurrentJobs !== after.maxConcurrentJobs) {
    await note(
      context,
      '--max has no effect: the job host was started with BGJOBS_MAX_CONCURRENT_JOBS. Restart it without (bgjobs host).',
    );
  }
}

/** Collects a repeated `--session NAME=N`. */
function collectLimit(text: string, before: SettingsUpdate['sessionLimits'] = {}): SettingsUpdate['sessionLimits'] {
  const equals = text.lastIndexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('Use NAME=N, or NAME= to remove the limit.');
  const limit = text.slice(equals + 1);
  return { ...before, [text.slice(0, equals)]: limit === '' ? null : parseCount(limit) };
}

type QuotaChange = NonNullable<SettingsUpdate['quotas']>;

/** Collects a repeated `--quota NAME=N`. */
function collectQuota(text: string, before: QuotaChange = {}): QuotaChange {
  const [name = '', amount] = text.split('=');
  if (!isQuotaName(name) || amount === undefined) {
    throw new InvalidArgumentError(
      `Use NAME=N, or NAME= to remove the quota. NAME is one of ${quotaNames.join(', ')}.`,
    );
  }
  return { ...before, [name]: amount === '' ? null : parseCount(amount) };
}

/** Collects a repeated `--session-quota SESSION:NAME=N`. */
function collectSessionQuota(
  text: string,
  before: Record<string, QuotaChange> = {},
): NonNullable<SettingsUpdate['sessionQuotas']> {
  const colon = text.lastIndexOf(':');
  if (colon <= 0) throw new InvalidArgumentError('Use SESSION:NAME=N, or SESSION:NAME= to remove the quota.');
  const session = text.slice(0, colon);
  const earlier = Object.hasOwn(before, session) ? before[session] : {};
  return { ...before, [session]: collectQuota(text.slice(colon + 1), earlier) };
}

function isQuotaName(name: string): name is QuotaName {
  return (quotaNames as string[]).includes(name);
}

const limitsHelp = `
Quotas:
  waitingJobs  jobs that wait to start, with scheduled and held ones; another one is refused
  jobsPerHour  runs that start within an hour, with retries; others wait

Limits and quotas that are set in an editor apply again when that editor connects.

Examples:
  $ bgjobs limits
  $ bgjobs limits --max 4 --session nightly=1
  $ bgjobs limits --quota waitingJobs=500 --session-quota nightly:jobsPerHour=60
`;
