import type { Command } from 'commander';
import type * as Doctor from '../../doctor/main.ts';
import { resolveHome } from '../../dataDir/dataDir.ts';
import { doctorBundle, packageVersion } from '../../bundles.ts';
import type { Check, DoctorReport } from '../../api/inspection.ts';
import { checkLines, leftColumns } from '../../text/doctorText.ts';
import { printJson, write, type Context } from '../base/context.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseCount } from '../options/parse.ts';
import { painter, type Style } from '../render/paint.ts';
import { table } from '../render/table.ts';

export function addDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .summary('check for problems and find orphaned processes')
    .description(
      'Check everything that jobs need, and list processes left behind by runs that have ended. Neither starts nor needs ' +
        'the job host. Exits with 0 if everything is in order, otherwise with 1.',
    )
    .option('--end [pid...]', 'end the orphaned processes of this store, or only these', collectPid)
    .option('--json', 'print {checks, processes}')
    .action((options: Options) => diagnose(context, options));
}

interface Options {
  end?: true | number[];
  json?: boolean;
}

function collectPid(text: string, before?: true | number[]): number[] {
  return [...(Array.isArray(before) ? before : []), parseCount(text)];
}

async function diagnose(context: Context, { end, json = false }: Options): Promise<void> {
  const wanted = end === true ? ('all' as const) : end;
  const { examine } = (await import(doctorBundle)) as typeof Doctor;
  const home = resolveHome(context.env);
  const report = await examine({ home, version: packageVersion(), ...definedOnly({ end: wanted }) });
  if (report.checks.some(({ status }) => status !== 'ok')) context.exitCode = exitCodes.failure;
  if (json) return printJson(context, report);
  await show(context, report, Date.now());
}

async function show(context: Context, { checks, processes }: DoctorReport, now: number): Promise<void> {
  const paint = painter(context.stdout, context.env);
  const width = context.stdout.columns;
  for (const check of checks) {
    const lines = checkLines(check, (text) => paint(styles[check.status], text));
    await write(context.stdout, `${lines.join('\n')}\n`);
  }
  if (processes.length === 0) return;
  const rows = [
    heading.map((text) => ({ text, style: 'bold' }) as const),
    ...processes.map((process) => leftColumns(process, now).map((text) => ({ text }))),
  ];
  await write(context.stdout, `\n${table(rows, paint, width)}\n`);
}

const styles: Record<Check['status'], Style> = { ok: 'green', warning: 'yellow', problem: 'red' };
const heading = ['PID', 'MEMORY', 'AGE', 'OUTCOME', 'OF', 'COMMAND'];
