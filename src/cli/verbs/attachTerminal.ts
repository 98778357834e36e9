import { StringDecoder } from 'node:string_decoder';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { TerminalKeys } from '../../api/terminalKeys.ts';
import { isEnded, isWaiting } from '../../api/values.ts';
import { exitCodeOfRun, wholeEndText } from '../../text/endText.ts';
import { replayed, usualModes } from '../../text/replay.ts';
import { terminalWording, waitingText } from '../../text/stateText.ts';
import { Interruption, note, write, type Context } from '../base/context.ts';
import { printOutput } from './printOutput.ts';

/** What is shown of the output before (bytes): enough for the screen of most programs. */
const recentBytes = 262_144;

/** Whether there are keys and a screen to attach. */
export function isInteractive({ stdin, stdout }: Context): boolean {
  return stdin.isTTY === true && stdin.setRawMode !== undefined && stdout.isTTY === true;
}

/** Attaches this terminal to that of a job, until the job ends or the user detaches. */
export async function attachTerminal(context: Context, service: JobService, found: Job): Promise<void> {
  const { stdin, stdout } = context;
  const job = await startedJob(context, service, found);
  const run = job.run;
  if (run === null) return report(context, job);
  const detaching = new AbortController();
  const keys = new TerminalKeys(() => service, job.id);
  const read = keyReader(
    (text) => keys.type(text),
    () => detaching.abort(),
  );
  const resized = (): void => keys.resize(stdout.columns ?? 80, stdout.rows ?? 24);
  using interruption = new Interruption();
  const signal = AbortSignal.any([interruption.signal, detaching.signal]);
  try {
    await makeRaw(stdin);
    const recent = { run, tail: recentBytes, limit: recentBytes };
    const { chunks, next } = await service.getOutput(job.id, recent);
    const isFromStart = (chunks[0]?.offset ?? 0) === 0;
    await write(stdout, replayed(chunks.map(({ text }) => text).join(''), isFromStart));
    if (!isEnded(job.status)) {
      stdin.on('data', read);
      stdout.on('resize', resized);
      resized();
    }
    const options = { follow: true, raw: true, sinks: context, note: () => Promise.resolve(), signal };
    await printOutput(service, job, { run, since: next }, options);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stdin.off('data', read).pause();
    stdin.setRawMode?.(false);
    stdout.off('resize', resized);
    await write(stdout, `${usualModes}\r\n`);
  }
  if (!signal.aborted) return report(context, await service.getJob(job.id));
  await note(context, `detached from ${job.shortId}; the job continues. To attach again: bgjobs attach ${job.shortId}`);
}

/** Node's raw mode still turns a line feed into a new line, which moves the cursor of programs that draw. */
async function makeRaw(stdin: Context['stdin']): Promise<void> {
  stdin.setRawMode?.(true);
  // The mode that is restored is the one before. Without the program, most is right all the same.
  if (process.platform === 'win32') return;
  const { spawnSync } = await import('node:child_process');
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
}

async function startedJob(context: Context, service: JobService, job: Job): Promise<Job> {
  if (!isWaiting(job.status)) return job;
  const why = waitingText(job, terminalWording(Date.now()));
  await note(context, `${job.shortId} is ${job.status}${why === '' ? '' : `: ${why}`}`);
  return (await service.waitForJob(job.id, { for: 'started' })).job;
}

async function report(context: Context, job: Job): Promise<void> {
  context.exitCode = exitCodeOfRun(job);
  await note(context, `${job.shortId} ${isEnded(job.status) ? wholeEndText(job) : `is ${job.status}`}`);
}

const detachKeys = ['\u0010', '\u0011'] as const;

/** Hands on what is typed, until the keys that detach. */
function keyReader(type: (text: string) => void, detach: () => void): (bytes: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  const [first, second] = detachKeys;
  let mayDetach = false;
  return (bytes) => {
    let text = '';
    for (const key of decoder.write(bytes)) {
      if (mayDetach && key === second) return detach();
      // It is held back until the next key shows whether it was meant.
      if (mayDetach) text += first;
      mayDetach = key === first;
      if (!mayDetach) text += key;
    }
    if (text !== '') type(text);
  };
}
