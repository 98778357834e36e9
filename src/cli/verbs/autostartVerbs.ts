import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { BgJobsError } from '../../api/errors.ts';
import { programEntry } from '../../bundles.ts';
import {
  autostartScript,
  loginItem,
  removeAutostart,
  writeAutostart,
  type LoginItem,
} from '../../dataDir/autostart.ts';
import { resolveHome } from '../../dataDir/dataDir.ts';
import { singleQuoted } from '../../text/quoting.ts';
import { answer, type Context, type Json } from '../base/context.ts';

export function addAutostart(host: Command, context: Context): void {
  host
    .command('enable')
    .description(
      'Start the job host whenever you log in, so that schedules and waiting jobs go on after a restart of the computer. ' +
        'It uses systemd, launchd or the Windows Task Scheduler.',
    )
    .option('--json', 'print {enabled}')
    .action((options: Json) => enable(context, options));
  host
    .command('disable')
    .description('No longer start the job host when you log in. A running one continues.')
    .option('--json', 'print {enabled}')
    .action((options: Json) => disable(context, options));
}

/** @throws BgJobsError `invalid_request` where the system does not do it: then only the script is left, for cron */
async function enable(context: Context, options: Json): Promise<void> {
  const { home, item } = itemOf(context);
  const isElectron = process.versions['electron'] !== undefined;
  await (await context.connect()).getHost(); // Makes the folder, and shows that a host can be started at all.
  writeAutostart(home, { execPath: process.execPath, isElectron, script: programEntry });
  const { file } = item;
  if (file) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.text);
  }
  try {
    for (const command of item.enable) await run(context, command);
  } catch (error) {
    if (file) rmSync(file.path, { force: true });
    throw error;
  }
  const linger = process.platform === 'linux' ? ' To start it without a login: loginctl enable-linger' : '';
  await answer(context, options, { enabled: true }, () => `The job host starts when you log in.${linger}`);
}

async function disable(context: Context, options: Json): Promise<void> {
  const { home, item } = itemOf(context);
  // Where it is not enabled, the system complains.
  for (const command of item.disable) await run(context, command).catch(() => undefined);
  if (item.file) rmSync(item.file.path, { force: true });
  removeAutostart(home);
  await answer(context, options, { enabled: false }, () => 'The job host no longer starts when you log in.');
}

function itemOf({ env }: Context): { home: string; item: LoginItem } {
  const home = resolveHome(env);
  const { BGJOBS_HOME: _named, ...others } = env;
  return { home, item: loginItem(home, home === resolveHome(others), env, process.platform) };
}

async function run({ env }: Context, [program = '', ...args]: readonly string[]): Promise<void> {
  const { execFile } = await import('node:child_process');
  try {
    await promisify(execFile)(program, args, { env });
  } catch (error) {
    const { code, stderr = '', message } = error as NodeJS.ErrnoException & { stderr?: string };
    const why = String(code) === 'ENOENT' ? `${program} is not installed` : stderr.trim() || message;
    const script = singleQuoted(autostartScript(resolveHome(env), process.platform));
    const other =
      process.platform === 'win32' ? '' : ` Where cron runs, this line of crontab does it: @reboot /bin/sh ${script}`;
    throw new BgJobsError('invalid_request', `The system cannot start the job host when you log in: ${why}.${other}`);
  }
}
