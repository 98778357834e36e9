import type { Command } from 'commander';
import type { Inspection, LiveProcess } from '../../api/inspection.ts';
import { bytes, oneLine } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import { note, printJson, write, type Context } from '../base/context.ts';
import { idHelp } from '../options/parse.ts';
import { painter } from '../render/paint.ts';
import { table } from '../render/table.ts';

export function addInspect(program: Command, context: Context): void {
  program
    .command('inspect')
    .summary('show the running processes of a job')
    .description(
      'Show the running processes of a job, oldest first. CPU is measured over half a second, in percent of one core.',
    )
    .argument('<id>', idHelp)
    .option('--json', 'print the processes as JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      const inspection = await (await context.connect()).inspectJob(id);
      if (options.json) return printJson(context, inspection);
      await show(context, inspection, Date.now());
    });
}

async function show(context: Context, inspection: Inspection, now: number): Promise<void> {
  const { status, processes, leftovers, totals } = inspection;
  if (totals.processes === 0) return note(context, `the job is ${status} and has no running processes`);
  if (leftovers.length > 0) await note(context, `the job is ${status}; its main process has ended`);
  const lines = [...processes, ...leftovers].map((process) => row(process, now));
  const total = ['total', '', '', ...usage(totals), '', ''];
  const rows = [
    heading.map((text) => ({ text, style: 'bold' }) as const),
    ...[...lines, ...(lines.length > 1 ? [total] : [])].map((line) => line.map((text) => ({ text }))),
  ];
  const paint = painter(context.stdout, context.env);
  await write(context.stdout, `${table(rows, paint, context.stdout.columns)}\n`);
}

const heading = ['PID', 'PPID', 'STATE', 'CPU', 'MEMORY', 'THREADS', 'FILES', 'ELAPSED', 'COMMAND'];

function row(process: LiveProcess, now: number): string[] {
  const { pid, ppid, state, startedAt, command } = process;
  const elapsed = startedAt === null ? unknown : duration(Math.max(0, now - Date.parse(startedAt)));
  return [String(pid), String(ppid), state ?? unknown, ...usage(process), elapsed, oneLine(command)];
}

function usage({ cpu, memory, threads, files }: Pick<LiveProcess, 'cpu' | 'memory' | 'threads' | 'files'>): string[] {
  return [
    cpu === null ? unknown : `${cpu.toFixed(1)}%`,
    memory === null ? unknown : bytes(memory),
    String(threads ?? unknown),
    String(files ?? unknown),
  ];
}

const unknown = '-';
