import { setImmediate as nextTurn } from 'node:timers/promises';
import { BgJobsError } from '../../api/errors.ts';
import type { StartOptions } from '../../api/options.ts';
import { parseTaskNumbers } from '../../api/taskNumbers.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import { isPosixShell, isPowerShell, taskSpec } from '../../store/taskSpec.ts';
import type { NewTasks } from '../../store/taskTable.ts';

/** A new array: what is stored of it, and its tasks. */
export interface NewArray {
  spec: JobSpec;
  tasks: NewTasks;
}

/** Options that have no meaning for many tasks, with the reason. */
const notForArrays = {
  codingAgent: 'each would need a session of its own',
  cron: 'a schedule cannot start an array',
  restart: 'tasks end; use retry',
  readyWhen: 'an array has no process that becomes ready',
} as const;

/** @returns undefined if no array is requested @throws BgJobsError `invalid_request` */
export function newArray(options: Omit<StartOptions, 'inheritEnv'>): NewArray | undefined {
  const { array, ...spec } = options;
  if (!array) return undefined;
  for (const [name, why] of Object.entries(notForArrays)) {
    if (spec[name as keyof typeof notForArrays] === undefined) continue;
    throw invalid(`array cannot be used with ${name}: ${why}`);
  }
  if (array.items) {
    const isForCmd = process.platform === 'win32' && spec.command !== undefined && !isQuotable(spec.shell);
    if (isForCmd)
      throw invalid('array.items: cmd.exe cannot quote them. Give argv instead of command, or another shell.');
    const { maxRunning } = array;
    return { spec: { ...spec, array: maxRunning === undefined ? {} : { maxRunning } }, tasks: { items: array.items } };
  }
  const { numbers, maxRunning: limit } = parseTaskNumbers(array.tasks ?? '');
  if (limit !== null && array.maxRunning !== undefined) {
    throw invalid(`array: give the limit once, as %${limit} or as maxRunning`);
  }
  const maxRunning = limit ?? array.maxRunning;
  const stored = { tasks: array.tasks, ...(maxRunning !== undefined && { maxRunning }) };
  return { spec: { ...spec, array: stored }, tasks: { numbers } };
}

function isQuotable(shell = ''): boolean {
  return isPowerShell(shell) || isPosixShell(shell);
}

function invalid(text: string): BgJobsError {
  return new BgJobsError('invalid_request', text);
}

/** Between two turns of the event loop. */
const specsInATurn = 100;

/** What a new job or array will run: one spec, or that of each task. */
export async function* newSpecs(spec: JobSpec, tasks: NewTasks | undefined): AsyncGenerator<JobSpec> {
  if (!tasks) {
    yield spec;
    return;
  }
  const count = 'items' in tasks ? tasks.items.length : tasks.numbers.length;
  for (let index = 0; index < count; index++) {
    if (index % specsInATurn === specsInATurn - 1) await nextTurn();
    const own = 'items' in tasks ? { number: index + 1, item: tasks.items[index] ?? '' } : { item: null };
    yield taskSpec(spec, { number: 'numbers' in tasks ? (tasks.numbers[index] ?? 0) : index + 1, ...own });
  }
}

/** What a stored job or array runs. */
export async function* storedSpecs(store: Store, job: JobRow): AsyncGenerator<JobSpec> {
  if (!job.spec.array) {
    yield job.spec;
    return;
  }
  for (let beyond = 0; ;) {
    const tasks = store.jobs.list({ array: job.row, beyond }, specsInATurn);
    yield* store.read(tasks).map(({ spec }) => spec);
    const last = tasks.at(-1);
    if (!last) return;
    beyond = last.row;
    await nextTurn();
  }
}
