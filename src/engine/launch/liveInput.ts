import { closeSync, constants, openSync } from 'node:fs';
import { Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../../api/errors.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import { inputEndpoint } from './inputEndpoint.ts';
import type { TerminalFrame } from './terminalCommand.ts';

/** How long the command may take to open its input, and how often that is looked at (milliseconds). */
const opening = { limitMs: 5000, everyMs: 10 };

interface InputDeps {
  table: ProcessTable;
  supervisor: ProcessIdentity;
  path: string;
  /**
   * pipe: a named pipe that is the command's input; socket: of a Node script, which takes one JSON value a line; terminal: a
   * named pipe of who holds the command's terminal, with such lines.
   */
  kind: 'pipe' | 'socket' | 'terminal';
}

/** The writing end of a run's standard input. Opened at the first write, so that a quiet job costs nothing. */
export function liveInput({ table, supervisor, path, kind }: InputDeps) {
  const framed = kind !== 'pipe';
  let socket: Socket | undefined;
  let isClosed = false;

  /** Settles when the system has taken the text. @throws BgJobsError `invalid_state` when nobody reads any more */
  async function write(text: string): Promise<void> {
    if (isClosed) throw closed();
    await send(framed ? frame({ text }) : text);
  }

  /** A terminal takes more after an end of its input. */
  async function end(): Promise<void> {
    if (framed) await send(frame({ eof: true }));
    if (kind === 'terminal') return;
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

  async function resize(columns: number, rows: number): Promise<void> {
    if (kind === 'terminal') await send(frame({ resize: [columns, rows] }));
  }

  /** A host that was killed may have left half a line in a pipe: it must not spoil the next one. */
  function frame(value: TerminalFrame): string {
    const lead = kind === 'terminal' && !socket ? '\n' : '';
    return `${lead}${JSON.stringify(value)}\n`;
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
    const opened = kind === 'socket' ? connect(inputEndpoint(path)) : fifoSocket();
    return opened.on('error', dispose).unref();
  }

  /** @throws where nobody reads, without waiting for that. Who holds a terminal reads as soon as it can. */
  function openForWriting(): number {
    return openSync(path, (kind === 'terminal' ? constants.O_RDWR : constants.O_WRONLY) | constants.O_NONBLOCK);
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

  return { write, end, resize, dispose };
}

function closed(): BgJobsError {
  return new BgJobsError('invalid_state', 'The standard input of the job is closed.');
}
