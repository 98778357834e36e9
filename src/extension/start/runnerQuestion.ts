import type { StartRequest } from '../../api/options.ts';
import { quoteArgument } from '../../text/quoting.ts';
import { parseArguments } from '../base/arguments.ts';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import type { Changes } from './optionQuestions.ts';
import { askOne, askText, type Asking } from './questions.ts';

type Request = JobStart['request'];
type SlurmOptions = NonNullable<StartRequest['slurm']>;

/** Fields of a request by the option of sbatch(1). All other options are handed on as they are. */
const fields = {
  partition: 'partition',
  account: 'account',
  qos: 'qos',
  time: 'timeLimit',
  nodes: 'nodes',
  ntasks: 'ntasks',
  'cpus-per-task': 'cpus',
  mem: 'memory',
  gpus: 'gpus',
  constraint: 'constraint',
  reservation: 'reservation',
} as const satisfies Record<string, keyof SlurmOptions>;
const counts: ReadonlySet<string> = new Set(['nodes', 'ntasks', 'cpus-per-task']);

/** Where the job runs, for example `Slurm --partition=gpu --gpus=1`. */
export function runnerText({ runner, slurm = {} }: Request): string {
  return runner === 'slurm' ? ['Slurm', ...optionWords(slurm)].join(' ') : t('on this machine');
}

export async function askRunner({ runner, slurm = {} }: Request, { title }: Asking): Promise<Changes | undefined> {
  const items = [
    { label: t('On This Machine'), ask: () => ({ runner: undefined, slurm: undefined }) },
    { label: t('On a Cluster of Slurm…'), ask: () => askSlurm(slurm, title) },
  ];
  const active = items[runner === 'slurm' ? 1 : 0];
  return (await askOne({ title, placeHolder: t('Select where the job runs') }, items, active))?.ask();
}

async function askSlurm(slurm: SlurmOptions, title: string): Promise<Changes | undefined> {
  const validate = (text: string): string | undefined => {
    const wrong = parseArguments(text).find((word) => !isOption(word));
    return wrong === undefined ? undefined : t('"{0}" is not an option of sbatch such as --partition=gpu.', wrong);
  };
  const prompt = t('Options of sbatch, for example --partition=gpu --time=2:00:00 --mem=4G. Leave empty for none.');
  const value = optionWords(slurm).map(quoteArgument).join(' ');
  const typed = await askText({ title, prompt, value, validate });
  // There is nobody who could type there.
  const without = { tty: undefined, terminalSize: undefined, stdin: undefined };
  return typed === undefined ? undefined : { runner: 'slurm', slurm: slurmOptions(typed), ...without };
}

function optionWords({ extra = [], ...slurm }: SlurmOptions): string[] {
  const known = Object.entries(fields).flatMap(([option, field]) =>
    slurm[field] === undefined ? [] : [`--${option}=${slurm[field]}`],
  );
  return [...known, ...extra];
}

function slurmOptions(line: string): SlurmOptions | undefined {
  const words = parseArguments(line);
  const entries = words.flatMap((word) => {
    const { option, value } = partsOf(word);
    return option in fields
      ? [[fields[option as keyof typeof fields], counts.has(option) ? Number(value) : value]]
      : [];
  });
  const extra = words.filter((word) => !(partsOf(word).option in fields));
  if (words.length === 0) return undefined;
  return { ...(Object.fromEntries(entries) as SlurmOptions), ...(extra.length > 0 && { extra }) };
}

function isOption(word: string): boolean {
  const { option, value } = partsOf(word);
  if (counts.has(option)) return /^[1-9]\d*$/.test(value);
  return /^--?[A-Za-z]/.test(word) && (!(option in fields) || value !== '');
}

function partsOf(word: string): { option: string; value: string } {
  const [, option = '', value = ''] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? [];
  return { option, value };
}
