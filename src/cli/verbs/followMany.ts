import { StringDecoder } from 'node:string_decoder';
import { Writable } from 'node:stream';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { OutputQuery } from '../../api/output.ts';
import { isWaiting } from '../../api/values.ts';
import { exitCodeOfSignal } from '../../text/endText.ts';
import { oneLine, shorten } from '../../text/grammar.ts';
import { Interruption, note, usageError, write, type Context, type Sink } from '../base/context.ts';
import { painter } from '../base/table.ts';
import { printOutput } from './printOutput.ts';

const colors = ['cyan', 'yellow', 'green', 'magenta', 'blue'] as const;
const longestLabel = 24;

/** Prints the output of several jobs, each line behind the name of its job: at the same time, or one after another. */
export async function printMany(
  context: Context,
  service: JobService,
  jobs: readonly Job[],
  query: OutputQuery,
  follow: boolean,
): Promise<void> {
  const array = jobs.find((job) => job.array);
  if (array) throw usageError(`${array.shortId} is an array. Show its output by itself.`);
  const labels = jobs.map(({ name, shortId }) => (name === null ? shortId : shorten(oneLine(name), longestLabel)));
  const width = Math.max(0, ...labels.map((label) => label.length));
  using interruption = new Interruption();
  const { signal } = interruption;
  const print = async (job: Job, index: number): Promise<void> => {
    const started =
      follow && isWaiting(job.status) ? (await service.waitForJob(job.id, { for: 'started' }, signal)).job : job;
    if (started.run === null) return;
    const label = painter(context)(colors[index % colors.length]!, `${(labels[index] ?? '').padEnd(width)} |`);
    const [stdout, stderr] = [new PrefixedSink(context.stdout, label), new PrefixedSink(context.stderr, label)];
    const sinks = { stdout, stderr };
    const noted = (text: string): Promise<void> => note(context, `${job.shortId}: ${text}`);
    await printOutput(service, started, query, { follow, lines: true, sinks, note: noted, signal });
    await Promise.all([stdout.finish(), stderr.finish()]);
  };
  try {
    if (follow) await Promise.all(jobs.map(print));
    else for (const [index, job] of jobs.entries()) await print(job, index);
  } catch (error) {
    if (!interruption.by) throw error;
    context.exitCode = exitCodeOfSignal(interruption.by);
  }
}

/** Puts a label before each line. Of several, no line is within another. */
class PrefixedSink extends Writable {
  readonly #to: Sink;
  readonly #label: string;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(to: Sink, label: string) {
    super({ decodeStrings: true });
    this.#to = to;
    this.#label = label;
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const lines = (this.#rest + this.#decoder.write(data)).split('\n');
    this.#rest = lines.pop() ?? '';
    this.#print(lines).then(() => done(), done);
  }

  /** Prints a line that has no end. */
  async finish(): Promise<void> {
    await new Promise<void>((resolve) => this.end(resolve));
    const rest = this.#rest + this.#decoder.end();
    if (rest !== '') await this.#print([rest]);
  }

  async #print(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await write(this.#to, lines.map((line) => `${this.#label} ${line}\n`).join(''));
  }
}
