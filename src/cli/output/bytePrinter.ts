import { LogBytes } from '../../dataDir/logBytes.ts';
import type { SettledRun } from '../../dataDir/logBytes.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { Chunk } from '../../api/output.ts';
import { note, write } from '../base/context.ts';
import type { Context, Sink } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import type { Gap } from './readOutput.ts';

/** What chunks of text are asked for with, when only their positions are needed. */
export const positionsAlone = { text: 'false', limit: 16_777_216 } as const;

/** Prints what chunks stand for as the job wrote it, byte for byte, from its log files. Whoever makes one closes it. */
export class BytePrinter {
  readonly #context: Context;
  readonly #service: JobService;
  readonly #run: SettledRun;
  readonly #sinks: Record<Chunk['stream'], Sink>;
  readonly #quiet: boolean;
  #log: LogBytes | undefined;

  /** @param options.quiet says nothing about dropped output */
  constructor(
    context: Context,
    service: JobService,
    run: SettledRun,
    options: { sinks?: Record<Chunk['stream'], Sink>; quiet?: boolean } = {},
  ) {
    this.#context = context;
    this.#service = service;
    this.#run = run;
    this.#sinks = options.sinks ?? context;
    this.#quiet = options.quiet ?? false;
  }

  async print(item: Chunk | Gap): Promise<void> {
    if ('droppedBytes' in item) return this.#noteGap(item.droppedBytes);
    this.#log ??= new LogBytes((await this.#service.getRun(this.#run.runId)).logs);
    for await (const { chunk: piece, bytes } of this.#log.pieces(item)) {
      const dropped = bytes[0] === 0 ? await this.#droppedMeanwhile(piece) : 0;
      if (dropped > 0) await this.#noteGap(dropped);
      await write(this.#sinks[item.stream], bytes.subarray(dropped));
    }
  }

  async close(): Promise<void> {
    await this.#log?.close();
  }

  /** What is dropped between the answer of the host and our reading reads as zeros: ask whether it is that. */
  async #droppedMeanwhile({ stream, offset, length }: Chunk): Promise<number> {
    const { jobId, query } = this.#run;
    const range = `${offset}-${offset + length - 1}`;
    const asked = { ...definedOnly({ run: query.run }), stream, range, text: 'false' } as const;
    const { droppedBytes } = await this.#service.getOutput(jobId, asked);
    return Math.min(droppedBytes, length);
  }

  async #noteGap(bytes: number): Promise<void> {
    if (!this.#quiet) await note(this.#context, `${bytes} bytes of older output are gone, dropped by --max-log`);
  }
}
