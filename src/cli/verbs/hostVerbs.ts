import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { CleanupRequest } from '../../api/control.ts';
import type { Metrics } from '../../api/host.ts';
import type { DoctorReport } from '../../api/inspection.ts';
import { endedStatuses } from '../../api/values.ts';
import { doctorBundle, packageVersion } from '../../bundles.ts';
import type { HostStatus } from '../../client/hostControl.ts';
import { resolveHome } from '../../dataDir/dataDir.ts';
import type * as Doctor from '../../doctor/main.ts';
import { checkLines, leftColumns } from '../../text/doctorText.ts';
import { oneLine, plural } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import {
  answer,
  definedOnly,
  exitCodes,
  printJson,
  usageError,
  write,
  type Context,
  type Json,
} from '../base/context.ts';
import { labelled, painter, table } from '../base/table.ts';
import { offering, sessionOption } from '../options/offer.ts';
import { field, parseCount, parseDuration } from '../options/parse.ts';
import { addAutostart } from './autostartVerbs.ts';

export function addHost(program: Command, context: Context): void {
  const host = program
    .command('host')
    .summary('show, start or stop the job host')
    .description(
      'Manage the job host, the background process that owns all jobs of a user. It starts when it is needed and exits ' +
        'when it is idle. Running jobs outlive it.',
    );
  addHostVerb('status', 'Show whether the job host is running. Does not start it; exits with 0 either way.');
  addHostVerb('start', 'Start the job host unless it is running.', async () => (await context.connect()).getHost());
  addHostVerb(
    'stop',
    'Stop the job host and wait until it has exited. Running jobs continue; the next host takes them over.',
    () => context.stopHost(),
  );
  addAutostart(host, context);
  host
    .command('telemetry')
    .description('Show or set the collector that gets a trace of each job and metrics, by OTLP over HTTP.')
    .argument('[url]', 'for example http://localhost:4318; off: none')
    .option('--json', 'print {otlpEndpoint}')
    .action(async (url: string | undefined, options: Json) => {
      const service = await context.connect();
      const update = { otlpEndpoint: url === 'off' ? '' : (url ?? '') };
      const { settings } = await (url === undefined ? service.getHost() : service.updateHost(update));
      const { otlpEndpoint } = settings;
      await answer(context, options, { otlpEndpoint }, () => otlpEndpoint || 'No telemetry is sent.');
    });

  function addHostVerb(name: string, description: string, act?: () => Promise<unknown>): void {
    host
      .command(name)
      .description(description)
      .option('--json', 'print {running, pid, version, protocol, endpoint, uptimeMs}')
      .action(async (options: Json) => {
        await act?.();
        const status = await context.hostStatus();
        await answer(context, options, status, () => describeHost(status));
      });
  }
}

function describeHost(status: HostStatus): string {
  if (!status.running) return 'not running';
  const { uptimeMs, pid, version, endpoint } = status;
  return `running for ${duration(uptimeMs)}: process ${pid}, version ${version}, ${endpoint}`;
}

export function addMetrics(program: Command, context: Context): void {
  program
    .command('metrics')
    .summary('show job counts, queue size and system load')
    .description('Show the number of jobs in each state, the size of the queue and the load of the machine.')
    .option('--json', 'print the metrics as JSON')
    .action(async (options: Json) => {
      const metrics = await (await context.connect()).getMetrics();
      await answer(context, options, metrics, () => describeMetrics(context, metrics));
    });
}

function describeMetrics(context: Context, metrics: Metrics): string {
  const { concurrency, systemLoad, averageExecutionTime: average } = metrics;
  const { current, maximum } = concurrency;
  return labelled(context, [
    ['Jobs', `${metrics.totalJobs}${countList(metrics.byStatus)}`],
    ['Running', maximum === 0 ? `${current} (no limit)` : `${current} of ${maximum}`],
    ['Queue', String(metrics.queueSize)],
    ['Average', average === null ? 'no job has finished' : duration(average)],
    ...Object.entries(metrics.bySession).map(([session, { running, waiting, finished }]): [string, string] => [
      'Session',
      `${oneLine(session)}: ${running} running, ${waiting} waiting, ${finished} finished`,
    ]),
    ['Load', `${systemLoad.average.map((each) => each.toFixed(2)).join(' ')} on ${systemLoad.cpus} CPUs`],
    ['Memory', `${gib(systemLoad.freeMemoryBytes)} of ${gib(systemLoad.totalMemoryBytes)} GiB free`],
  ]);
}

function countList(counts: Metrics['byStatus']): string {
  const parts = Object.entries(counts).flatMap(([status, count]) => (count === 0 ? [] : [`${count} ${status}`]));
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function gib(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}

export function addCleanup(program: Command, context: Context): void {
  const olderThan = 'only jobs that finished at least this long ago';
  const onlyStates = 'only jobs with these states, for example failed,cancelled';
  program
    .command('cleanup')
    .summary('remove finished jobs')
    .description('Remove finished jobs and their logs. Jobs that are pinned, running or waiting are kept.')
    .addOption(field('olderThanMs', '--older-than <duration>', olderThan, parseDuration))
    .option('--keep <n>', 'keep the newest n jobs', parseCount)
    .addOption(offering({ list: endedStatuses }, '--status <status,...>', onlyStates))
    .addOption(sessionOption('only jobs of this session'))
    .option('--dry-run', 'show how many jobs would be removed without removing them')
    .option('--json', 'print {cleaned, remaining}')
    .action(async ({ json, ...request }: CleanupRequest & Json) => {
      const result = await (await context.connect()).cleanUp(request);
      const [removed, remain] = request.dryRun ? ['would be removed', 'would remain'] : ['removed', 'remain'];
      const text = `${plural(result.cleaned, 'finished job')} ${removed}, ${result.remaining} ${remain}`;
      await answer(context, { json }, result, () => text);
    });
}

interface DoctorOptions extends Json {
  end?: true | number[];
  report?: string;
  commands?: true;
}

export function addDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .summary('check for problems and find orphaned processes')
    .description(
      'Check everything that jobs need, and list processes left behind by runs that have ended. Neither starts nor needs ' +
        'the job host. Exits with 0 if everything is in order, otherwise with 1.',
    )
    .option('--end [pid...]', 'end the orphaned processes of this store, or only these', collectPid)
    .addOption(
      offering('files', '--report <file>', 'write what helps to find a fault into a zip file that you can send'),
    )
    .option('--commands', 'with --report: command lines too')
    .option('--json', 'print {checks, processes}; with --report {file, entries}')
    .action((options: DoctorOptions) => diagnose(context, options));
}

function collectPid(text: string, before?: true | number[]): number[] {
  return [...(Array.isArray(before) ? before : []), parseCount(text)];
}

async function diagnose(context: Context, options: DoctorOptions): Promise<void> {
  const { end, json, report: file, commands = false } = options;
  if (file !== undefined && end !== undefined) throw usageError('--report cannot be used with --end');
  if (file === undefined && commands) throw usageError('--commands requires --report');
  const { examine, writeReport } = (await import(doctorBundle())) as typeof Doctor;
  const home = resolveHome(context.env);
  const wanted = definedOnly({ end: end === true ? ('all' as const) : end });
  const place = { home, version: packageVersion() };
  const report = await examine({ ...place, ...wanted });
  if (file !== undefined) {
    const path = resolve(context.cwd, file);
    const entries = await writeReport(report, place, { file: path, overwrite: false, commands, versions: {} });
    const text = `${path}\nIt has no output of jobs, values of environments or tokens. Look at it before you send it.`;
    return answer(context, { json }, { file: path, entries }, () => text);
  }
  if (report.checks.some(({ status }) => status !== 'ok')) context.exitCode = exitCodes.failure;
  await (json ? printJson(context, report) : showReport(context, report, Date.now()));
}

async function showReport(context: Context, { checks, processes }: DoctorReport, now: number): Promise<void> {
  const paint = painter(context);
  for (const check of checks) {
    const lines = checkLines(check, (text) => paint(checkStyle[check.status], text));
    await write(context.stdout, `${lines.join('\n')}\n`);
  }
  if (processes.length === 0) return;
  const heading = ['PID', 'MEMORY', 'AGE', 'OUTCOME', 'OF', 'COMMAND'];
  const rows = processes.map((process) => leftColumns(process, now));
  await write(context.stdout, `\n${table(context, heading, rows)}\n`);
}

const checkStyle = { ok: 'green', warning: 'yellow', problem: 'red' } as const;
