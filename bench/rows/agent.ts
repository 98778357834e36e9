import { Chat } from '../../test/helpers/chat.ts';
import { Editor } from '../../test/helpers/editor.ts';
import { ScriptedModel } from '../../test/helpers/scriptedModel/scriptedModel.ts';
import { packageExtension } from '../../test/helpers/vsix.ts';
import { ours, oursAtOnce, terminal, type Side } from '../agent/side.ts';
import * as tasks from '../agent/tasks.ts';
import type { Outcome, Row } from '../bench.ts';
import { inTurn, pairedRatio, spread } from '../statistics.ts';

const rounds = 5;

/** What a model has of our tools and of the editor's own, in one window and through the same agent. */
export async function agent(): Promise<Outcome> {
  const model = new ScriptedModel();
  await model.start();
  const editor = new Editor({
    packages: [await packageExtension()],
    extensions: model.extensions,
    env: model.env,
    files: tasks.files,
    // Whatever asks before it acts is allowed to, on both sides.
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
  await both(tasks.timeToId); // the first of each pays for what is loaded
  const ids = await both(tasks.timeToId, rounds);
  const { atOnce } = await inTurn(rounds, { atOnce: () => tasks.timeToId(place, oursAtOnce) });
  const short = await both(tasks.shortRun, rounds);
  const background = await both(tasks.endInBackground, rounds);
  const reading = await both(tasks.manyLines, 3);
  const kills = await both(tasks.killStubborn, 3);
  return {
    rows: [
      times('start of a command that writes nothing: from the call to the id', ids),
      { what: 'the same with `lookMs: 0`', ours: spread(atOnce, ' ms', 0) },
      times('short command that is waited for: from the call to its output', map(short, milliseconds)),
      words('short command: its exit code (3) is told', map(short, code)),
      times('command in the background: from its exit to the model being told', map(background, milliseconds)),
      words('command in the background: its exit code (3) is told', map(background, code)),
      counts('command in the background: characters of all answers', map(background, characters)),
      times('100,000 lines: from the call to the last answer', map(reading, milliseconds)),
      words(
        '100,000 lines: how many can be read back',
        map(reading, ({ lines }) => lines.toLocaleString('en')),
      ),
      counts('100,000 lines: characters of all answers', map(reading, characters)),
      times('kill of what is deaf to signals: from the call to the answer', map(kills, milliseconds)),
      words(
        'what is deaf to signals: alive when the kill has answered',
        map(kills, (survivors) => who(survivors.atOnce)),
      ),
      words(
        `what is deaf to signals: alive ${tasks.lateMs / 1000} s later`,
        map(kills, (survivors) => who(survivors.later)),
      ),
      counts('characters of the tools in each request', descriptions),
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

/** Each answer once. */
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
  return members.length === 0 ? 'nobody' : members.join(', ');
}

async function descriptionCharacters({ chat }: tasks.Place, side: Side): Promise<number> {
  const conversation = await chat.ask('What can you do?');
  const offered = conversation.tools.filter(({ name }) => side.toolNames.includes(name));
  await conversation.end('Much.');
  if (offered.length !== side.toolNames.length) throw new Error('Some of the tools are not offered.');
  return JSON.stringify(offered).length;
}

const notes = [
  'Both are called by one scripted model through one agent, whose own time is in all times of both; whatever asks is allowed to at once. The peer is the terminal tools of VS Code.',
  'Ours are `bgjobs_start_job` and, unless that tells of the end, `bgjobs_wait_for_job`, with their defaults: a start looks for two seconds at what is written.',
  'Theirs is `run_in_terminal`, with mode async in the background and with sync for what is waited for, as its description says. A long answer of it is the name of a file, which is read with `read_file`, as it says.',
  'Where theirs is better: when a command in the background ends, VS Code tells the model by itself, in a message between its turns. With ours a wait must be under way, or the model asks, or a person sends the end to the chat.',
  'Lines that can be read back: in the answers, and in the files that they name.',
  'Deaf to signals: a command that ignores SIGHUP, SIGINT and SIGTERM, with a child, and a child in a session of its own. Ours waits for its grace time of 5 s before it sends SIGKILL.',
];
