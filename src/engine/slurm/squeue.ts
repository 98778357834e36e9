/** A job of Slurm as squeue shows it. No field is free text, so no name of a job can forge one. */
export interface SlurmJob {
  /** `4711`, or `4711_7` for a task of an array. */
  key: string;
  /** The job's own id: that of a task is its own once it has begun. */
  id: string;
  state: string;
  reason: string;
  node: string | null;
  partition: string | null;
  /** As squeue writes it: part of the identity. */
  submitted: string;
  start: string | null;
}

/** The arguments of squeue(1): all jobs of a user, one line for each task, ended ones as long as they are known. */
export function squeueArguments(user: string): string[] {
  return ['-h', '-r', '-t', 'all', '-u', user, '-o', '%F|%K|%A|%T|%r|%B|%V|%S|%P'];
}

/** By key. A line that is none is left out. */
export function parseSqueue(text: string): Map<string, SlurmJob> {
  const jobs = new Map<string, SlurmJob>();
  for (const line of text.split('\n')) {
    const fields = line.split('|');
    const [
      array = '',
      task = '',
      id = '',
      state = '',
      reason = '',
      node = '',
      submitted = '',
      start = '',
      partition = '',
    ] = fields;
    if (fields.length !== 9 || !/^\d+$/.test(array) || !/^[A-Z_]+$/.test(state)) continue;
    const key = keyOf(array, task);
    jobs.set(key, {
      key,
      id,
      state,
      reason,
      submitted,
      node: known(node),
      start: known(start),
      partition: known(partition),
    });
  }
  return jobs;
}

/** The arguments of squeue(1) that tell which jobs have these names: Slurm compares whole names. */
export function namedArguments(user: string, names: readonly string[]): string[] {
  return ['-h', '-r', '-t', 'all', '-u', user, '-n', names.join(','), '-o', '%F|%K|%V'];
}

/** The time of submission by key. */
export function parseNamed(text: string): Map<string, string> {
  const lines = text.split('\n').map((line) => line.split('|'));
  return new Map(
    lines.flatMap(([array = '', task = '', submitted = '']) =>
      /^\d+$/.test(array) ? [[keyOf(array, task), submitted] as const] : [],
    ),
  );
}

function keyOf(array: string, task: string): string {
  return /^\d+$/.test(task) ? `${array}_${task}` : array;
}

function known(text: string): string | null {
  return text === '' || /^(n\/a|\(null\)|none assigned)$/i.test(text) ? null : text;
}

/** Times of squeue are without a zone; it is asked in UTC. @returns a time as the API has it */
export function timeOf(text: string | null): string | null {
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return null;
  return new Date(`${text}Z`).toISOString();
}

export const waitingStates: ReadonlySet<string> = new Set([
  'PENDING',
  'CONFIGURING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
]);

export const endedStates: ReadonlySet<string> = new Set([
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TIMEOUT',
  'OUT_OF_MEMORY',
  'NODE_FAIL',
  'BOOT_FAIL',
  'DEADLINE',
  'PREEMPTED',
  'REVOKED',
]);
