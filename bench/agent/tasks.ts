import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, signal } from '../../scripts/editor/processes.ts';
import type { Chat } from '../../test/helpers/chat.ts';
import { until } from '../../test/helpers/until.ts';
import type { Side } from './side.ts';

/** The chat and the workspace in which a task runs. */
export interface Place {
  readonly chat: Chat;
  readonly workspace: string;
}

/** Files of the workspace: a command, its child, and a child in a new session. All of them ignore signals. */
export const files = {
  'stubborn.sh': [
    "trap '' HUP INT TERM",
    'sh forever.sh child.pid &',
    'setsid sh forever.sh session.pid &',
    'exec sh forever.sh command.pid',
  ].join('\n'),
  'forever.sh': 'echo $$ > "$1"\nwhile :; do sleep 0.2; done\n',
};
const pidFiles = ['command.pid', 'child.pid', 'session.pid'];
const members = ['the command', 'its child', 'its child in a new session'];

/** Time from the call to the answer with the id, for a command without output, in milliseconds. */
export async function timeToId({ chat }: Place, side: Side): Promise<number> {
  const agent = await chat.ask('Please sleep.');
  const started = performance.now();
  const { id } = await side.start(agent, 'sleep 600');
  const ms = performance.now() - started;
  await side.kill(agent, id);
  await agent.end('Done.');
  return ms;
}

export interface End {
  /** From the exit to the message to the model, in milliseconds. */
  readonly ms: number;
  readonly saysCode: boolean;
  /** Length of all answers. */
  readonly characters: number;
}

/** A command in the background that exits with 3. */
export async function endInBackground({ chat, workspace }: Place, side: Side): Promise<End> {
  const [go, ended] = [join(workspace, 'go'), join(workspace, 'ended')];
  for (const file of [go, ended]) rmSync(file, { force: true });
  const agent = await chat.ask('Please fail.');
  const work = 'until test -e go; do sleep 0.1; done; date +%s%3N > ended; exit 3';
  const { id, answer } = await side.start(agent, `sh -c '${work}'`);
  const told = side.waitForEnd(agent, id);
  await delay(1000); // so that the wait begins before the command ends
  writeFileSync(go, '');
  const text = await told;
  const ms = Date.now() - Number(readFileSync(ended, 'utf8'));
  await agent.end('Done.');
  return { ms, saysCode: saysThree(text), characters: answer.length + text.length };
}

export interface ShortRun {
  /** From the call to the last answer. Milliseconds. */
  readonly ms: number;
  readonly saysCode: boolean;
}

/** A short command that exits with 3 and whose result the model wants. */
export async function shortRun({ chat }: Place, side: Side): Promise<ShortRun> {
  const agent = await chat.ask('Please fail.');
  const started = performance.now();
  const answers = await side.run(agent, "sh -c 'echo working; exit 3'");
  const ms = performance.now() - started;
  await agent.end('Done.');
  return { ms, saysCode: answers.some(saysThree) };
}

function saysThree(text: string): boolean {
  return /\bexit(?:ed|s| code| status)?:? (?:with )?(?:code )?3\b/i.test(text);
}

export interface Reading {
  /** From the call to the last answer. Milliseconds. */
  readonly ms: number;
  /** Length of all answers. */
  readonly characters: number;
  /** Number of lines in the answers or in the files that the answers name. */
  readonly lines: number;
}

export const lineCount = 100_000;

export async function manyLines({ chat }: Place, side: Side): Promise<Reading> {
  const agent = await chat.ask('Please write a lot.');
  const started = performance.now();
  const answers = await side.run(agent, `seq -f 'line %.0f of the output' 1 ${lineCount}`);
  const ms = performance.now() - started;
  await agent.end('Done.');
  const lines = new Set(answers.flatMap(withFiles).flatMap((text) => text.match(/^line \d+ of the output$/gm) ?? []));
  return { ms, lines: lines.size, characters: answers.reduce((sum, { length }) => sum + length, 0) };
}

/** A text and the texts of the files that it names, recursively. */
function withFiles(text: string): string[] {
  const paths = new Set(text.match(/\/[^\s\],]+\.(?:txt|log)\b/g) ?? []);
  return [text, ...[...paths].filter(existsSync).flatMap((path) => withFiles(readFileSync(path, 'utf8')))];
}

export interface Survivors {
  readonly ms: number;
  readonly atOnce: readonly string[];
  readonly later: readonly string[];
}

/** How long to wait for processes that die late. */
export const lateMs = 10_000;

/** The processes that are still alive after the tool has answered that it killed the command. */
export async function killStubborn({ chat, workspace }: Place, side: Side): Promise<Survivors> {
  const paths = pidFiles.map((name) => join(workspace, name));
  for (const path of paths) rmSync(path, { force: true });
  const agent = await chat.ask('Please be stubborn.');
  const { id } = await side.start(agent, 'sh stubborn.sh');
  const pids = await until('all have started', () => readPids(paths));
  // A zombie has no command line.
  const alive = (): string[] => members.filter((_, index) => commandLine(pids[index] ?? 0) !== '');
  const started = performance.now();
  await side.kill(agent, id);
  const ms = performance.now() - started;
  const atOnce = alive();
  if (atOnce.length > 0) await delay(lateMs);
  const later = alive();
  for (const pid of pids) signal(pid, 'SIGKILL');
  await agent.end('Done.');
  return { ms, atOnce, later };
}

function readPids(paths: readonly string[]): number[] | undefined {
  const pids = paths.map((path) => (existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0));
  return pids.every((pid) => pid > 0) ? pids : undefined;
}
