import { createRequire } from 'node:module';
import type * as EventReader from '../../agents/coding/eventReader.ts';
import type { Job, Run } from '../../api/job.ts';
import type { CodingAgentName } from '../../api/options.ts';
import type { Chunk, Stream } from '../../api/output.ts';
import { isEnded } from '../../api/values.ts';
import { agentEventsBundle, linesBundle } from '../../bundles.ts';
import { agentEventText } from '../../text/agentEvent.ts';
import { endText } from '../../text/endText.ts';
import { bytes, capitalized, commandText, jobTitle, shorten, type Translate, visible } from '../../text/grammar.ts';
import { editorWording, stateText } from '../../text/stateText.ts';
import type * as Lines from '../../text/lines.ts';
import type { Due, LeftOut, RunText } from './outputFollower.ts';

/** After a skip the text begins with a whole line, if one begins this soon (characters). */
const alignWithin = 4096;

/** Of a command, so much is shown (characters). */
const longestCommand = 2000;

/**
 * The text of a channel: the lines of a job's output as a terminal shows them, each when it has come to rest, with our own
 * remarks on lines of their own.
 */
export class ChannelText implements RunText {
  readonly #t: Translate;
  readonly #folderName: (path: string) => string;
  readonly #now: () => number;
  #lines = newLines();

  /** @param folderName what to call a folder @param now milliseconds since the epoch */
  constructor(t: Translate, folderName = (path: string): string => path, now = Date.now) {
    this.#t = t;
    this.#folderName = folderName;
    this.#now = now;
  }

  output(chunks: readonly Chunk[], _run: Run, { skipped, dropped }: LeftOut): string {
    const aligned = skipped > 0 ? fromLineStart(chunks) : { chunks, left: 0 };
    const left = skipped + aligned.left;
    const notes = [
      left > 0 ? this.#t('[{0} not shown. Use Open Logs to see everything.]', bytes(left)) : null,
      dropped > 0 ? this.#t("[{0} dropped by the job's log limit]", bytes(dropped)) : null,
    ].filter((note) => note !== null);
    const head = notes.map((note) => this.#line(note)).join('');
    for (const { text, stream } of aligned.chunks) this.push(text, stream);
    return head;
  }

  protected push(text: string, stream: Stream): void {
    this.#lines.push(text, this.#now(), stream);
  }

  due(): Due {
    const now = this.#now();
    const text = this.#lines.take(now);
    const at = this.#lines.dueAt(now);
    return { text, inMs: at === undefined ? undefined : Math.max(0, at - now) };
  }

  notStarted(job: Job): string {
    const text = capitalized(stateText(job, editorWording(this.#t, this.#now())));
    return this.#line(`[${isEnded(job.status) ? text : this.#t('Not started: {0}', text)}]`);
  }

  head(job: Job, run: Run): string {
    const command = shorten(visible(commandText(job)).trimEnd(), longestCommand);
    return this.#line(`$ ${command}   (${this.#t('{0}, started {1}', this.#folderName(job.cwd), timeOf(run))})`);
  }

  runStart(job: Job, run: Run): string {
    return this.#line(this.#t('[run {0}, {1}: {2}]', run.number, timeOf(run), jobTitle(job)));
  }

  runEnd(run: Run): string {
    return this.#line(`[${endText(run, this.#t)}]`);
  }

  /** Behind all lines so far: what follows does not continue them. */
  #line(text: string): string {
    const rest = this.#lines.end();
    this.#lines = newLines();
    return `${rest}${text}\n`;
  }
}

function timeOf({ startedAt }: Run): string {
  return startedAt === null ? '' : new Date(startedAt).toLocaleTimeString();
}

/** The chunks from the first line on that begins in them soon, and how many bytes are before it. */
function fromLineStart([first, ...rest]: readonly Chunk[]): { chunks: readonly Chunk[]; left: number } {
  if (!first) return { chunks: rest, left: 0 };
  const start = /\r?\n|\r/.exec(first.text.slice(0, alignWithin));
  const cut = start ? start.index + start[0].length : 0;
  const chunks = [{ ...first, text: first.text.slice(cut) }, ...rest];
  return { chunks, left: Buffer.byteLength(first.text.slice(0, cut)) };
}

/** The text of a coding agent's channel: what it says and does, instead of the JSON that it prints. */
export class AgentText extends ChannelText {
  readonly #agent: CodingAgentName;
  #reader: EventReader.AgentEventReader;

  constructor(t: Translate, agent: CodingAgentName, folderName?: (path: string) => string) {
    super(t, folderName);
    this.#agent = agent;
    this.#reader = newReader(agent);
  }

  override output(chunks: readonly Chunk[], run: Run, leftOut: LeftOut): string {
    const shown = chunks.map((chunk) =>
      chunk.stream === 'stdout'
        ? { ...chunk, text: [...this.#reader.feed(chunk)].map(agentEventText).join('') }
        : chunk,
    );
    return super.output(shown, run, leftOut);
  }

  override runStart(job: Job, run: Run): string {
    this.#reader = newReader(this.#agent);
    return super.runStart(job, run);
  }

  override runEnd(run: Run): string {
    this.push([...this.#reader.end(run)].map(agentEventText).join(''), 'stdout');
    return super.runEnd(run);
  }
}

/** Only a window that shows a channel loads them. */
function newLines(): Lines.LineTaker {
  const { LineTaker } = createRequire(linesBundle)(linesBundle) as typeof Lines;
  return new LineTaker();
}

/** Only a window that shows a coding agent's channel loads the readers. */
function newReader(agent: CodingAgentName): EventReader.AgentEventReader {
  const { AgentEventReader } = createRequire(agentEventsBundle)(agentEventsBundle) as typeof EventReader;
  return new AgentEventReader(agent);
}
