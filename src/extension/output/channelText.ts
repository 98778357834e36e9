import type { Job, Run } from '../../api/job.ts';
import type { Output, Stream } from '../../api/output.ts';
import { bytes } from '../../text/grammar.ts';
import { endWords, jobTitle, type Localize } from '../base/jobWords.ts';
import { TerminalFilter } from '../../text/terminalSequences.ts';

/** Behind a skip the text begins with a whole line, if one begins this soon (characters). */
const alignWithin = 4096;

/** Makes the text of a channel from a job's output: without terminal sequences, with our own remarks on lines of their own. */
export class ChannelText {
  readonly #t: Localize;
  readonly #filters: Record<Stream, TerminalFilter> = { stdout: new TerminalFilter(), stderr: new TerminalFilter() };
  #atLineStart = true;

  constructor(t: Localize) {
    this.#t = t;
  }

  /** @param skipped bytes that were left out before this, 0 when it continues what was there */
  output(output: Output, run: Run, skipped: number): string {
    const pieces: string[] = [];
    if (skipped > 0) for (const filter of Object.values(this.#filters)) filter.reset();
    for (const chunk of output.chunks) pieces.push(this.#filters[chunk.stream].push(chunk.text));
    let text = pieces.join('');
    let left = skipped;
    if (skipped > 0) {
      const start = text.slice(0, alignWithin).indexOf('\n') + 1;
      left += Buffer.byteLength(text.slice(0, start));
      text = text.slice(start);
    }
    const notes = [
      left > 0 ? this.#t('[{0} skipped; the full log is {1}]', bytes(left), logPaths(run)) : null,
      output.droppedBytes > 0 ? this.#t("[{0} dropped by the job's log limit]", bytes(output.droppedBytes)) : null,
    ].filter((note) => note !== null);
    const head = notes.map((note) => this.#line(note)).join('');
    if (text !== '') this.#atLineStart = text.endsWith('\n');
    return head + text;
  }

  /** The head of a run that continues the channel of an earlier one. */
  runStart(job: Job, run: Run): string {
    const time = run.startedAt === null ? '' : new Date(run.startedAt).toLocaleTimeString();
    return this.#line(this.#t('[run {0}, {1}: {2}]', run.number, time, jobTitle(job)));
  }

  runEnd(run: Run): string {
    return this.#line(`[${endWords(run, this.#t)}]`);
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
