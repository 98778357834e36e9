import { appendFile } from 'node:fs/promises';
import type { HookTarget } from '../api/hooks.ts';
import { desktopCommand } from '../text/desktopCommand.ts';
import { runProgram } from './hookProgram.ts';
import { Failure } from './failure.ts';
import { tellsFailure, type Message } from './message.ts';
import { readSecret } from './secrets.ts';
import { post } from './webhook.ts';

/** How long a delivery may take. Milliseconds. */
const timeoutMs = 30_000;

/** @throws Failure when the message was not delivered, or may not have been */
export async function send(target: HookTarget, message: Message, closing: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]);
  switch (target.type) {
    case 'command':
      return runProgram(target.argv, message, signal);
    case 'webhook':
      return post(target, message, signal);
    case 'file':
      return appendFile(target.path, `${JSON.stringify(message)}\n`, { mode: 0o600 }).catch((error: Error) => {
        throw new Failure(error.message, { isFinal: false });
      });
    case 'desktop':
      return showOnDesktop(message, signal);
    case 'email':
      return mail(target, message, signal);
  }
}

function showOnDesktop(message: Message, signal: AbortSignal): Promise<void> {
  const options = { title: 'Background Jobs', hasFailed: tellsFailure(message), sound: false };
  const command = desktopCommand(process.platform, message.text, options);
  if (!command) throw new Failure('this system has no program that shows notifications', { isFinal: true });
  return runProgram(command, message, signal);
}

async function mail(
  target: Extract<HookTarget, { type: 'email' }>,
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  const { to, from, host, port, security, user, password } = target;
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...{ host, port, secure: security === 'tls', requireTLS: security === 'starttls', ignoreTLS: security === 'none' },
    ...(user !== undefined && { auth: { user, pass: password ? await readSecret(password) : '' } }),
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const stop = (): void => transport.close();
  signal.addEventListener('abort', stop, { once: true });
  const text = message.match === undefined ? message.text : `${message.text}\n\n${message.match}`;
  try {
    await transport.sendMail({
      ...{ to, from, subject: message.text, text: `${text}\n\n${details(message)}` },
      messageId: `<${message.id}@background-jobs.invalid>`,
    });
  } catch (error) {
    const { responseCode = 0 } = error as { responseCode?: number };
    throw new Failure((error as Error).message, { isFinal: responseCode >= 500 });
  } finally {
    signal.removeEventListener('abort', stop);
    transport.close();
  }
}

function details({ job, time }: Message): string {
  if (!job) return time;
  const lines = [
    ['Job', job.id],
    ['Command', job.command ?? job.argv?.join(' ') ?? ''],
    ['Folder', job.cwd],
    ['Session', job.session],
    ['Started', job.startedAt ?? ''],
    ['Finished', job.finishedAt ?? ''],
  ];
  return lines.flatMap(([label, value]) => (value === '' ? [] : [`${label}: ${value}`])).join('\n');
}
