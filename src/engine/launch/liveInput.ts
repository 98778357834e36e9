import { closeSync, constants, openSync } from 'node:fs';
import { Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../../api/errors.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import { inputEndpoint } from './supervisor.ts';

/** How long the command may take to open its input, and how often that is looked at (milliseconds). */
const opening = { limitMs: 5000, everyMs: 10 };

interface InputDeps {
  table: ProcessTable;
  supervisor: ProcessIdentity;
  path: string;
  /** The supervisor is a Node script: a socket that takes one JSON value a line, not a named pipe of the file system. */
  framed: boolean;
}

/** The writing end of a run's standard input. Opened at the first write, so that a quiet job costs nothing. */
export function liveInput({ table, supervisor, path, framed }: InputDeps) {
  let socket: Socket | undefined;
  let isClosed = false;

  /** Settles when the system has taken the text. @throws BgJobsError `invalid_state` when nobody reads any more */
  async function write(text: string): Promise<void> {
    if (isClosed) throw closed();
    await send(framed ? `${JSON.stringify({ text })}\n` : text);
  }

  async function end(): Promise<void> {
    if (framed) await send('{"eof":true}\n');
    isClosed = true;
    dispose();
    if (framed) return;
    const held = holders();
    if (held.length === 0) return;
    // Who opens a pipe waits for the other end: a command that is not so far yet would wait for ever without the holder.
    const descriptor = await reached();
    // Not SIGKILL: of that death the shell would speak in the exit record, as if it had been the command's.
    for (const holder of held) table.signal(holder, 'SIGPIPE');
    if (descriptor !== undefined) closeSync(descriptor);
  }

  function dispose(): void {
    socket?.destroy();
    socket = undefined;
  }

  function holders(): ProcessIdentity[] {
    const keepers = table.childrenOf(supervisor.pid).filter((pid) => table.isKeeper(pid));
    return keepers.flatMap((pid) => table.identify(pid) ?? []);
  }

  /** @returns a writing end of the pipe, open; undefined when nobody reads, as when the command has closed its input */
  async function reached(): Promise<number | undefined> {
    const until = performance.now() + opening.limitMs;
    for (;;) {
      try {
        return openForWriting();
      } catch {
        if (performance.now() > until || holders().length === 0) return undefined;
      }
      await sleep(opening.everyMs);
    }
  }

  async function send(data: string): Promise<void> {
    const open = (socket ??= connected());
    await new Promise<void>((resolve, reject) => {
      const fail = (): void => reject(closed());
      open.once('error', fail).once('close', fail);
      open.write(data, (error) => {
        open.off('error', fail).off('close', fail);
        if (error) fail();
        else resolve();
      });
    });
  }

  function connected(): Socket {
    const opened = framed ? connect(inputEndpoint(path)) : fifoSocket();
    return opened.on('error', dispose).unref();
  }

  /** @throws where nobody reads, without waiting for that */
  function openForWriting(): number {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  }

  /** As a socket, not a stream: a write to a pipe that nobody empties must not hold a thread of the pool. */
  function fifoSocket(): Socket {
    let descriptor: number | undefined;
    try {
      descriptor = openForWriting();
      return new Socket({ fd: descriptor, readable: false, writable: true });
    } catch {
      if (descriptor !== undefined) closeSync(descriptor);
      throw closed();
    }
  }

  return { write, end, dispose };
}

function closed(): BgJobsError {
  return new BgJobsError('invalid_state', 'The standard input of the job is closed.');
}
