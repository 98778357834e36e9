import { AgentEventReader } from '../../agents/coding/eventReader.ts';
import type { Job, Run } from '../../api/job.ts';
import type { CodingAgentName } from '../../api/options.ts';
import type { Chunk, Stream } from '../../api/output.ts';
import { agentEventText } from '../../text/agentEvent.ts';
import { TerminalFilter } from '../../text/terminalSequences.ts';
import { endText } from '../../text/endText.ts';
import { bytes, jobTitle, type Translate } from '../../text/grammar.ts';
import type { LeftOut, RunText } from './outputFollower.ts';

/** After a skip the text begins with a whole line, if one begins this soon (characters). */
const alignWithin = 4096;

/** The text of a channel: a job's output without terminal sequences, with our own remarks on lines of their own. */
export class ChannelText implements RunText {
  readonly #t: Translate;
  readonly #filters: Record<Stream, TerminalFilter> = { stdout: new TerminalFilter(), stderr: new TerminalFilter() };
  #atLineStart = true;

  constructor(t: Translate) {
    this.#t = t;
  }

  output(chunks: readonly Chunk[], run: Run, { skipped, dropped }: LeftOut): string {
    if (skipped > 0) for (const filter of Object.values(this.#filters)) filter.reset();
    let text = chunks.map((chunk) => this.#filters[chunk.stream].push(chunk.text)).join('');
    let left = skipped;
    if (skipped > 0) {
      const start = text.slice(0, alignWithin).indexOf('\n') + 1;
      left += Buffer.byteLength(text.slice(0, start));
      text = text.slice(start);
    }
    const notes = [
      left > 0 ? this.#t('[{0} skipped; the full log is {1}]', bytes(left), logPaths(run)) : null,
      dropped > 0 ? this.#t("[{0} dropped by the job's log limit]", bytes(dropped)) : null,
    ].filter((note) => note !== null);
    const head = notes.map((note) => this.#line(note)).join('');
    if (text !== '') this.#atLineStart = text.endsWith('\n');
    return head + text;
  }

  runStart(job: Job, run: Run): string {
    const time = run.startedAt === null ? '' : new Date(run.startedAt).toLocaleTimeString();
    return this.#line(this.#t('[run {0}, {1}: {2}]', run.number, time, jobTitle(job)));
  }

  runEnd(run: Run): string {
    return this.#line(`[${endText(run, this.#t)}]`);
  }

  #line(text: string): string {
    const line = `${this.#atLineStart ? '' : '\n'}${text}\n`;
    this.#atLineStart = true;
    return line;
  }
}

function logPaths(run: Run): string {
  return [run.logs.stdout, run.logs.stderr].filter((path) => path !== null).join(', ');
}

/** The text of a coding agent's channel: what it says and does, instead of the JSON that it prints. */
export class AgentText implements RunText {
  readonly #text: RunText;
  readonly #agent: CodingAgentName;
  #reader: AgentEventReader;

  constructor(text: RunText, agent: CodingAgentName) {
    this.#text = text;
    this.#agent = agent;
    this.#reader = new AgentEventReader(agent);
  }

  output(chunks: readonly Chunk[], run: Run, leftOut: LeftOut): string {
    const shown = chunks.map((chunk) =>
      chunk.stream === 'stdout'
        ? { ...chunk, text: [...this.#reader.feed(chunk)].map(agentEventText).join('') }
        : chunk,
    );
    return this.#text.output(shown, run, leftOut);
  }

  runStart(job: Job, run: Run): string {
    this.#reader = new AgentEventReader(this.#agent);
    return this.#text.runStart(job, run);
  }

  runEnd(run: Run): string {
    const rest = [...this.#reader.end(run.finishedAt ?? run.startedAt ?? '')].map(agentEventText).join('');
    return rest + this.#text.runEnd(run);
  }
}
