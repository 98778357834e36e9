import { closeSync, constants, openSync } from 'node:fs';
import { connect, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../../api/errors.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import { inputEndpoint } from './nodeSupervisor.ts';

/** How long the command may take to open its input, and how often that is looked at (milliseconds). */
const opening = { limitMs: 5000, everyMs: 10 };

/** The writing end of a run's standard input. Opened at the first write, so that a quiet job costs nothing. */
export class LiveInput {
  readonly #table: ProcessTable;
  readonly #supervisor: ProcessIdentity;
  readonly #path: string;
  /** The supervisor is a Node script: a socket that takes one JSON value a line, not a named pipe of the file system. */
  readonly #framed: boolean;
  #socket: Socket | undefined;
  #ended = false;

  constructor(table: ProcessTable, supervisor: ProcessIdentity, path: string, framed: boolean) {
    this.#table = table;
    this.#supervisor = supervisor;
    this.#path = path;
    this.#framed = framed;
  }

  /** Settles when the system has taken the text. @throws BgJobsError `invalid_state` when nobody reads any more */
  async write(text: string): Promise<void> {
    if (this.#ended) throw closed();
    await this.#send(this.#framed ? `${JSON.stringify({ text })}\n` : text);
  }

  async end(): Promise<void> {
    if (this.#framed) await this.#send('{"eof":true}\n');
    this.#ended = true;
    this.dispose();
    if (this.#framed) return;
    const holders = this.#holders();
    if (holders.length === 0) return;
    // Who opens a pipe waits for the other end: a command that is not so far yet would wait for ever without the holder.
    const descriptor = await this.#reached();
    // Not SIGKILL: of that death the shell would speak in the exit record, as if it had been the command's.
    for (const holder of holders) this.#table.signal(holder, 'SIGPIPE');
    if (descriptor !== undefined) closeSync(descriptor);
  }

  dispose(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #holders(): ProcessIdentity[] {
    const children = this.#table.childrenOf(this.#supervisor.pid).filter((pid) => this.#table.isKeeper(pid));
    return children.flatMap((pid) => this.#table.identify(pid) ?? []);
  }

  /** @returns a writing end of the pipe, open; undefined when nobody reads, as when the command has closed its input */
  async #reached(): Promise<number | undefined> {
    const until = performance.now() + opening.limitMs;
    for (;;) {
      try {
        return this.#openForWriting();
      } catch {
        if (performance.now() > until || this.#holders().length === 0) return undefined;
      }
      await sleep(opening.everyMs);
    }
  }

  async #send(data: string): Promise<void> {
    const socket = (this.#socket ??= this.#open());
    await new Promise<void>((resolve, reject) => {
      const fail = (): void => reject(closed());
      socket.once('error', fail).once('close', fail);
      socket.write(data, (error) => {
        socket.off('error', fail).off('close', fail);
        if (error) reject(closed());
        else resolve();
      });
    });
  }

  #open(): Socket {
    const socket = this.#framed ? connect(inputEndpoint(this.#path)) : this.#openFifo();
    socket.on('error', () => this.dispose());
    socket.unref();
    return socket;
  }

  /** @throws where nobody reads, without waiting for that */
  #openForWriting(): number {
    return openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK);
  }

  /** As a socket, not a stream: a write to a pipe that nobody empties must not hold a thread of the pool. */
  #openFifo(): Socket {
    let descriptor: number | undefined;
    try {
      descriptor = this.#openForWriting();
      return new Socket({ fd: descriptor, readable: false, writable: true });
    } catch {
      if (descriptor !== undefined) closeSync(descriptor);
      throw closed();
    }
  }
}

function closed(): BgJobsError {
  return new BgJobsError('invalid_state', 'The standard input of the job is closed.');
}
