import type { Command } from 'commander';
import type { HostStatus } from '../../client/hostControl.ts';
import { answer } from '../base/context.ts';
import type { Context } from '../base/context.ts';
import { duration } from '../../text/timeText.ts';

export function addHost(program: Command, context: Context): void {
  const host = program
    .command('host')
    .summary('the process that owns all jobs')
    .description(
      'The job host: the one background process per user that owns all jobs. It is started when it is needed and ' +
        'leaves when it has nothing to do. Running jobs outlive it.',
    );
  host
    .command('status')
    .description('Whether it runs. Starts nothing, and ends with 0 in either case.')
    .option('--json', 'print {running, pid, version, protocol, endpoint, uptimeMs}')
    .action(async (options: { json?: boolean }) => print(context, options, await context.hostStatus()));
  host
    .command('start')
    .description('Start it, if it does not run.')
    .option('--json', 'print it as `host status` does')
    .action(async (options: { json?: boolean }) => {
      await context.connect();
      await print(context, options, await context.hostStatus());
    });
  host
    .command('stop')
    .description('Ask it to leave, and wait until it has. Running jobs run on; the next host takes them over.')
    .option('--json', 'print it as `host status` does')
    .action(async (options: { json?: boolean }) => {
      await context.stopHost();
      await print(context, options, await context.hostStatus());
    });
}

function print(context: Context, options: { json?: boolean }, status: HostStatus): Promise<void> {
  return answer(context, options, status, () =>
    status.running
      ? `running for ${duration(status.uptimeMs)}: process ${status.pid}, version ${status.version}, ${status.endpoint}`
      : 'not running',
  );
}
