/**
 * The supervisor of a job with a terminal, a program of its own. It opens the terminal, starts the command in it, writes
 * what the command prints into the log, hands on what is typed, and outlives the host as every supervisor does.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { begin, survived } from './nodeSupervisor.ts';
import { began, exitRecordPath } from './supervisor.ts';
import { loadTerminals } from './terminal.ts';
import { commandVariables, type TerminalFrame } from './terminalCommand.ts';

const [directory = '', input = '', columns, rows, program = '', ...args] = process.argv.slice(2);

/** What Ctrl+D types: the end of the input, if the command reads lines. */
const endOfTransmission = '\u0004';
/** The log, of which this process inherits the descriptor. */
const log = 1;
/** Wait between two attempts to write to a log on a full disk (milliseconds). */
const retryMs = 1000;
/** The most that is read after the end of the command, of what it has left writing (bytes). */
const mostLeft = 4_194_304;

for (const signal of survived) process.on(signal, () => undefined);
process.on('SIGTSTP', () => undefined);
const record = openSync(exitRecordPath(directory), 'r+');
begin(exitRecordPath(directory));

// The lowest free number is taken for the terminal: as 0 it does not leak into the command, which has its own 0.
closeSync(0);
const terminals = loadTerminals();
const { master, slave, pty } = terminals.open(Number(columns), Number(rows));
closeSync(slave);
// This process leads a session, so the first terminal that it opens becomes that of the session.
const terminal = openSync(pty, 'r+');
const screen = new ReadStream(master);
/** What the log could not take yet. */
let waiting: Buffer = Buffer.alloc(0);

const child = spawn(program, args, { env: commandVariables(process.env), stdio: [terminal, terminal, terminal] });
child.on('error', () => end('exit 127', 127));
child.on('exit', (code, signal) => {
  if (signal) end(`signal ${signal}`, 1);
  else end(`exit ${code ?? 0}`, code ?? 0);
});

const typed = new Socket({ fd: openSync(input, constants.O_RDWR | constants.O_NONBLOCK), writable: false });
typed.on('error', () => undefined);
createInterface({ input: typed }).on('line', (line) => {
  const frame = parseFrame(line);
  if (!frame) return;
  if ('resize' in frame) resize(...frame.resize);
  else screen.write('eof' in frame ? endOfTransmission : frame.text);
});

/** @returns undefined for what a host has written that was killed in the middle of it */
function parseFrame(line: string): TerminalFrame | undefined {
  try {
    return JSON.parse(line) as TerminalFrame;
  } catch {
    return undefined;
  }
}

/** A size that is set again is set by a detour, so that the command draws anew for who has just come. */
let size = `${columns} ${rows}`;
function resize(width: number, height: number): void {
  if (size === `${width} ${height}`) terminals.resize(master, width, height === 1 ? 2 : height - 1);
  size = `${width} ${height}`;
  terminals.resize(master, width, height);
}

// The end of the terminal is an error of reading: the command's own end says all.
screen.on('error', () => undefined);
screen.on('data', (bytes: Buffer) => {
  waiting = append(bytes);
  if (waiting.length > 0) void waitForRoom();
});

/** On a full disk the command waits, because nobody reads its terminal. */
async function waitForRoom(): Promise<void> {
  screen.pause();
  while (waiting.length > 0) {
    await sleep(retryMs);
    waiting = append(waiting);
  }
  screen.resume();
}

/** @returns what the log could not take */
function append(bytes: Buffer): Buffer {
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(log, rest));
  } catch {
    // No room. What was written is written.
  }
  return rest;
}

/** Of what the command has printed nothing is left out, whatever goes on to write to its terminal. */
function end(text: string, code: number): void {
  screen.pause();
  append(waiting);
  for (let bytes: Buffer | null; (bytes = screen.read() as Buffer | null);) append(bytes);
  closeSync(terminal);
  const buffer = Buffer.alloc(65_536);
  try {
    for (let read = 0; read < mostLeft;) {
      const count = readSync(master, buffer);
      if (count === 0) break;
      append(buffer.subarray(0, count));
      read += count;
    }
  } catch {
    // EAGAIN: there is no more now; EIO: there can be no more.
  }
  // Into the block that was allocated at the start.
  writeSync(record, `${began}\n${text}\n`, 0);
  process.exit(code);
}
