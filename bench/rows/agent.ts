import { Chat } from '../../test/helpers/chat.ts';
import { Editor } from '../../test/helpers/editor.ts';
import { ScriptedModel } from '../../test/helpers/scriptedModel/scriptedModel.ts';
import { packageExtension } from '../../test/helpers/vsix.ts';
import { ours, oursAtOnce, terminal, type Side } from '../agent/side.ts';
import * as tasks from '../agent/tasks.ts';
import type { Outcome, Row } from '../bench.ts';
import { inTurn, pairedRatio, spread } from '../statistics.ts';

const rounds = 5;

/** Compares our tools with the editor's own, in one window and through the same agent. */
export async function agent(): Promise<Outcome> {
  const model = new ScriptedModel();
  await model.start();
  const editor = new Editor({
    packages: [await packageExtension()],
    extensions: model.extensions,
    env: model.env,
    files: tasks.files,
    // Confirms everything, on both sides.
    settings: { 'chat.permissions.default': 'autoApprove' },
  });
  try {
    await editor.start();
    const chat = new Chat(editor.workbench, model);
    await chat.open();
    return await compare({ chat, workspace: editor.workspace });
  } finally {
    await editor.dispose();
    model.stop();
  }
}

async function compare(place: tasks.Place): Promise<Outcome> {
  const both = async <T>(task: (place: tasks.Place, side: Side) => Promise<T>, times = 1): Promise<Sides<T>> =>
    inTurn(times, { ours: () => task(place, ours), terminal: () => task(place, terminal) });
  const descriptions = await both(descriptionCharacters);
  await both(tasks.timeToId); // the first call of each side includes loading
  const ids = await both(tasks.timeToId, rounds);
  const { atOnce } = await inTurn(rounds, { atOnce: () => tasks.timeToId(place, oursAtOnce) });
  const short = await both(tasks.shortRun, rounds);
  const background = await both(tasks.endInBackground, rounds);
  const reading = await both(tasks.manyLines, 3);
  const kills = await both(tasks.killStubborn, 3);
  return {
    rows: [
      times('start of a command without output: from the call to the id', ids),
      { what: 'the same with `lookMs: 0`', ours: spread(atOnce, ' ms', 0) },
      times('short command in the foreground: from the call to its output', map(short, milliseconds)),
      words('short command: the answer has its exit code (3)', map(short, code)),
      times('command in the background: from its exit to the message to the model', map(background, milliseconds)),
      words('command in the background: the message has its exit code (3)', map(background, code)),
      counts('command in the background: characters in all answers', map(background, characters)),
      times('100,000 lines: from the call to the last answer', map(reading, milliseconds)),
      words(
        '100,000 lines: lines that can be read back',
        map(reading, ({ lines }) => lines.toLocaleString('en')),
      ),
      counts('100,000 lines: characters in all answers', map(reading, characters)),
      times('kill of a command that ignores signals: from the call to the answer', map(kills, milliseconds)),
      words(
        'command that ignores signals: alive when the kill has answered',
        map(kills, (survivors) => who(survivors.atOnce)),
      ),
      words(
        `command that ignores signals: alive ${tasks.lateMs / 1000} s later`,
        map(kills, (survivors) => who(survivors.later)),
      ),
      counts('characters of the tool descriptions in each request', descriptions),
    ],
    notes,
  };
}

type Sides<T> = Record<'ours' | 'terminal', T[]>;

function map<T, U>({ ours, terminal }: Sides<T>, change: (value: T) => U): Sides<U> {
  return { ours: ours.map(change), terminal: terminal.map(change) };
}

function times(what: string, { ours, terminal }: Sides<number>): Row {
  return { ...counted(what, { ours, terminal }, ' ms'), ratio: pairedRatio(ours, terminal) };
}

function counts(what: string, sides: Sides<number>): Row {
  return counted(what, sides, '');
}

function counted(what: string, { ours, terminal }: Sides<number>, unit: string): Row {
  return { what, ours: spread(ours, unit, 0), peer: spread(terminal, unit, 0) };
}

/** Lists each distinct answer once. */
function words(what: string, { ours, terminal }: Sides<string>): Row {
  const told = (values: string[]): string => [...new Set(values)].join(' / ');
  return { what, ours: told(ours), peer: told(terminal) };
}

function milliseconds({ ms }: { ms: number }): number {
  return ms;
}

function characters(answers: { characters: number }): number {
  return answers.characters;
}

function code({ saysCode }: { saysCode: boolean }): string {
  return saysCode ? 'yes' : 'no';
}

function who(members: readonly string[]): string {
  return members.length === 0 ? 'none' : members.join(', ');
}

async function descriptionCharacters({ chat }: tasks.Place, side: Side): Promise<number> {
  const conversation = await chat.ask('What can you do?');
  const offered = conversation.tools.filter(({ name }) => side.toolNames.includes(name));
  await conversation.end('Much.');
  if (offered.length !== side.toolNames.length) throw new Error('Some of the tools are not offered.');
  return JSON.stringify(offered).length;
}

const notes = [
  "One scripted model calls both through the same agent. The agent's own time is included in all times. Every confirmation is given at once. The peer is the terminal tools of VS Code.",
  'Ours are `bgjobs_start_job` and, unless its answer already reports the end, `bgjobs_wait_for_job`, with their defaults: a start watches the output for two seconds.',
  'Theirs is `run_in_terminal`, with mode async in the background and sync in the foreground, as its description says. For long output, it answers with the name of a file, which is read with `read_file`, as the answer says.',
  'Where theirs is better: when a command in the background ends, VS Code notifies the model by itself, in a message between its turns. With ours, the model must already be waiting or ask later, or a person must send the end to the chat.',
  'Lines that can be read back: lines in the answers and in the files that the answers name.',
  'Command that ignores signals: it ignores SIGHUP, SIGINT and SIGTERM, and has a child and another child in a new session. Ours waits for its grace time of 5 s before it sends SIGKILL.',
];
