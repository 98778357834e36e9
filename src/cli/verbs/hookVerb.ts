import { resolve } from 'node:path';
import type { Command } from 'commander';
import { hookEvents, type Hook, type HookTarget, type Secret } from '../../api/hooks.ts';
import { oneLine } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import { answer, exitCodes, usageError, type Context, type Json } from '../base/context.ts';
import { table } from '../base/table.ts';
import { collectTag, parseDuration } from '../options/parse.ts';
import { sessionOption } from '../options/offer.ts';

interface AddOptions extends Json {
  on?: string[];
  onRequest?: boolean;
  session?: string;
  tag?: Record<string, string>;
  minDuration?: number;
  pattern?: string;
  webhook?: string;
  format?: string;
  signWith?: Secret;
  token?: Secret;
  file?: string;
  desktop?: boolean;
  email?: string;
  from?: string;
  smtp?: URL;
  password?: Secret;
}

export function addHook(program: Command, context: Context): void {
  const hook = program
    .command('hook')
    .summary('tell a program, a service or a person what happens to jobs')
    .description(
      'Hooks tell a program, a web service, a file, the desktop or an e-mail address what happens to jobs. The job host ' +
        'delivers, so it also works while no window is open.',
    )
    .addHelpText('after', help);
  addAdd(hook, context);
  hook
    .command('list')
    .description('List the hooks.')
    .option('--json', 'print the hooks as JSON')
    .action(async (options: Json) => {
      const { hooks } = (await (await context.connect()).getHost()).settings;
      await answer(context, options, hooks, () => describe(context, hooks));
    });
  hook
    .command('remove')
    .description('Remove a hook. Messages that were not delivered yet are dropped.')
    .argument('<name>', 'name of the hook')
    .action(async (name: string) => {
      const service = await context.connect();
      const { hooks } = (await service.getHost()).settings;
      const rest = hooks.filter((one) => one.name !== name);
      // Says which there are.
      if (rest.length === hooks.length) return void (await service.testHook(name));
      await service.updateHost({ hooks: rest });
    });
  hook
    .command('test')
    .description('Send a test message to a hook, and say what became of it.')
    .argument('<name>', 'name of the hook')
    .option('--json', 'print {delivered, error}')
    .action(async (name: string, options: Json) => {
      const result = await (await context.connect()).testHook(name);
      await answer(context, options, result, () =>
        result.delivered ? 'The message was delivered.' : `The message was not delivered: ${result.error}`,
      );
      if (!result.delivered) context.exitCode = exitCodes.failure;
    });
}

function addAdd(hook: Command, context: Context): void {
  const secret = 'the name of a variable of the job host, or the path of a file';
  hook
    .command('add')
    .description('Add a hook, or replace the one with this name. Give one target.')
    .argument('<name>', 'name of the hook')
    .argument('[command...]', 'target: a program and its arguments after --, which gets the message as JSON')
    .option('--on <event,...>', `events: ${hookEvents.join(', ')} (default failed)`, (text) => text.split(','))
    .option('--on-request', 'only jobs that were started with --notify and this name')
    .addOption(sessionOption('only jobs of this session'))
    .option('--tag <key=value>', 'only jobs with this tag (can be repeated)', collectTag)
    .option('--min-duration <duration>', 'only ends after at least this time', parseDuration)
    .option('--pattern <regex>', 'for matched: /pattern/ or /pattern/i, searched in the lines of the output')
    .optionsGroup('Target:')
    .option('--webhook <url>', 'a web service')
    .option('--format <service>', 'json, ntfy, slack, discord or teams (default json)')
    .option('--sign-with <secret>', `sign requests with a secret: ${secret}`, parseSecret)
    .option('--token <secret>', `send a token: ${secret}`, parseSecret)
    .option('--file <path>', 'a file that gets a line of JSON for each message')
    .option('--desktop', 'a notification of the operating system')
    .option('--email <address>', 'an e-mail address, with --from and --smtp')
    .option('--from <address>', 'the sender of e-mail')
    .option(
      '--smtp <url>',
      'smtps://user@host:465, smtp://user@host:587 (STARTTLS) or smtp+plain://host:25',
      parseServer,
    )
    .option('--password <secret>', `password of the e-mail server: ${secret}`, parseSecret)
    .optionsGroup('Output:')
    .option('--json', 'print the hook as JSON')
    .action((name: string, command: string[], options: AddOptions) => add(context, name, command, options));
}

async function add(context: Context, name: string, command: string[], options: AddOptions): Promise<void> {
  const { on = ['failed'], onRequest, session, tag, minDuration, pattern } = options;
  const added = {
    ...{ name, on: on as Hook['on'], target: targetOf(context, command, options) },
    ...(onRequest && { onRequest }),
    ...(session !== undefined && { session }),
    ...(tag && { tags: tag }),
    ...(minDuration !== undefined && { minDurationMs: minDuration }),
    ...(pattern !== undefined && { pattern }),
  };
  const service = await context.connect();
  const { hooks } = (await service.getHost()).settings;
  const update = [...hooks.filter((one) => one.name !== name), added as Hook];
  const { settings } = await service.updateHost({ hooks: update });
  const stored = settings.hooks.find((one) => one.name === name);
  await answer(context, options, stored, () => `Added. Try it with: bgjobs hook test ${name}`);
}

/** @throws BgJobsError `invalid_request` unless exactly one target is given */
function targetOf(context: Context, command: string[], options: AddOptions): HookTarget {
  const { webhook, format = 'json', signWith, token, file, desktop, email, from, smtp, password } = options;
  const targets: HookTarget[] = [
    ...(command.length > 0 ? [{ type: 'command', argv: command } as const] : []),
    ...(webhook === undefined
      ? []
      : [
          {
            ...({ type: 'webhook', url: webhook, format: format as 'json' } as const),
            ...(signWith && { secret: signWith }),
            ...(token && { token }),
          },
        ]),
    ...(file === undefined ? [] : [{ type: 'file', path: resolve(context.cwd, file) } as const]),
    ...(desktop ? [{ type: 'desktop' } as const] : []),
    ...(email === undefined ? [] : [mailTarget(email, from, smtp, password)]),
  ];
  const [target, another] = targets;
  if (target && !another) return target;
  throw usageError('give one target: a program after --, --webhook, --file, --desktop or --email');
}

function mailTarget(to: string, from?: string, smtp?: URL, password?: Secret): HookTarget {
  if (from === undefined || !smtp) throw usageError('--email requires --from and --smtp');
  const security = smtp.protocol === 'smtps:' ? 'tls' : smtp.protocol === 'smtp:' ? 'starttls' : 'none';
  const port = Number(smtp.port || { tls: 465, starttls: 587, none: 25 }[security]);
  const user = decodeURIComponent(smtp.username);
  return {
    ...{ type: 'email', to, from, host: smtp.hostname, port, security },
    ...(user !== '' && { user }),
    ...(password && { password }),
  };
}

function parseSecret(text: string): Secret {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? { env: text } : { file: resolve(text) };
}

function parseServer(text: string): URL {
  const url = URL.parse(text);
  if (!url || !['smtp:', 'smtps:', 'smtp+plain:'].includes(url.protocol) || url.hostname === '')
    throw usageError(
      `--smtp: "${text}" is no address of an e-mail server, for example smtps://me@mail.example.com:465`,
    );
  if (url.password !== '') throw usageError('--smtp: the password does not belong there. Use --password.');
  return url;
}

function describe(context: Context, hooks: readonly Hook[]): string {
  if (hooks.length === 0) return 'There are no hooks.';
  const rows = hooks.map((one) => [one.name, one.on.join(', '), oneLine(jobsOf(one)), oneLine(placeOf(one.target))]);
  return table(context, ['NAME', 'ON', 'JOBS', 'TARGET'], rows);
}

function jobsOf({ onRequest, session, tags, minDurationMs }: Hook): string {
  const parts = [
    onRequest ? 'on request' : '',
    session === undefined ? '' : `session ${session}`,
    ...Object.entries(tags).map(([key, value]) => `${key}=${value}`),
    minDurationMs === 0 ? '' : `${duration(minDurationMs)} or longer`,
  ];
  return parts.filter((part) => part !== '').join(', ') || 'all';
}

function placeOf(target: HookTarget): string {
  switch (target.type) {
    case 'command':
      return target.argv.join(' ');
    case 'webhook':
      return `${target.url} (${target.format})`;
    case 'file':
      return target.path;
    case 'desktop':
      return 'desktop';
    case 'email':
      return target.to;
  }
}

const help = `
Examples:
  $ bgjobs hook add phone --webhook https://ntfy.sh/my-topic --format ntfy --min-duration 1m
  $ bgjobs hook add report --on ended --session nightly -- ./report.py
  $ bgjobs hook test phone
  $ bgjobs run --notify phone -- make release     # with --on-request: only jobs that ask for it
`;
