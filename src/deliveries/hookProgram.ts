import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { endGroup } from '../processes/endGroup.ts';
import { Failure } from './failure.ts';
import type { Message } from './message.ts';

/** Of what the program writes to stderr, for the failure. Bytes. */
const keptBytes = 2000;

/**
 * Runs a program and waits for its end. The message is on its standard input, and the most important of it in variables.
 * @throws Failure when it cannot be started (final), fails, or is ended by the signal
 */
export async function runProgram(argv: readonly string[], message: Message, signal: AbortSignal): Promise<void> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    cwd: homedir(),
    env: { ...process.env, ...variables(message) },
    stdio: ['pipe', 'ignore', 'pipe'],
    // A group of its own, so that what it has started ends with it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-keptBytes)));
  // A program that reads nothing closes the pipe.
  child.stdin.on('error', () => undefined).end(`${JSON.stringify(message)}\n`);
  child.once('error', (error: NodeJS.ErrnoException) => {
    const text = error.code === 'ENOENT' ? `the program ${program} was not found` : error.message;
    reject(new Failure(text, { isFinal: true }));
  });
  child.once('exit', (code, ended) => {
    if (code === 0) return resolve();
    const how = signal.aborted ? 'did not end in time' : code === null ? `was ended by ${ended}` : `ended with ${code}`;
    const last = said.trim().split('\n').at(-1) ?? '';
    reject(new Failure(`${program} ${how}${last === '' ? '' : `: ${last}`}`, { isFinal: false }));
  });
  const stop = (): void => void endGroup(child.pid, ['SIGTERM', 'SIGKILL']);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', stop);
    child.stderr.destroy();
  }
}

/** BGJOBS_HOOK also marks the jobs that the program starts: the hook is not told of them. */
function variables({ hook, event, text, job }: Message): Record<string, string> {
  return {
    BGJOBS_HOOK: hook,
    BGJOBS_EVENT: event,
    BGJOBS_MESSAGE: text,
    ...(job && {
      BGJOBS_JOB_ID: job.id,
      BGJOBS_JOB_NAME: job.name ?? '',
      BGJOBS_JOB_STATUS: job.status,
      BGJOBS_JOB_EXIT_CODE: job.exitCode === null ? '' : String(job.exitCode),
    }),
  };
}
