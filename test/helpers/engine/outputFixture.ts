import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChunkIndex, streamSizes } from '../../../src/store/chunkIndex.ts';
import { type RunLogs } from '../../../src/store/runTable.ts';
import { findGrowth } from '../../../src/engine/output/growth.ts';
import { type OutputPage, readOutput, type RunOutput } from '../../../src/engine/output/readOutput.ts';
import { openDatabase } from '../../../src/store/openDatabase.ts';
import { type Chunk, type OutputQuery, outputQuery, type Stream } from '../../../src/api/output.ts';

/** The logs of a run in a new folder, and an index in memory. */
export class OutputFixture {
  readonly directory = mkdtempSync(join(tmpdir(), 'bgjobs-output-'));
  readonly database = openDatabase(':memory:', Date.now, console.warn);
  readonly index: ChunkIndex;
  readonly logs: RunLogs;

  constructor(maxLogBytes = 2 ** 40) {
    this.index = new ChunkIndex(this.database);
    const [stdout, stderr] = [join(this.directory, 'stdout.log'), join(this.directory, 'stderr.log')];
    for (const path of [stdout, stderr]) writeFileSync(path, '');
    this.logs = {
      run: 1,
      stdout,
      stderr,
      maxLogBytes,
      whenFull: 'drop',
      resumedAt: { stdout: 0, stderr: 0 },
      dropped: { stdout: 0, stderr: 0 },
    };
  }

  path(stream: Stream): string {
    return stream === 'stdout' ? this.logs.stdout : (this.logs.stderr ?? this.logs.stdout);
  }

  /** Appends to a log and, by default, polls it at once, which adds one row to the index. */
  write(stream: Stream, data: string | Uint8Array, look = true): void {
    appendFileSync(this.path(stream), data);
    if (look) this.look();
  }

  look(now = Date.now()): void {
    const last = this.index.last(1);
    this.index.append(1, findGrowth(this.logs, { sizes: streamSizes(last), time: last?.time ?? 0 }, now));
  }

  output(ended: boolean): RunOutput {
    return { index: this.index, logs: this.logs, growth: { onGrowth: () => () => undefined }, isEnded: () => ended };
  }

  read(query: OutputQuery = {}, ended = true): Promise<OutputPage> {
    return readOutput(this.output(ended), outputQuery.parse(query));
  }

  /** All pages of a query. `limits` are used in turn. */
  async readAll(query: OutputQuery, limits: readonly number[], ended = true): Promise<OutputPage> {
    const all: OutputPage = { chunks: [], next: Number(query.since ?? 0), droppedBytes: 0, more: true };
    for (let page = 0; all.more; page++) {
      const limit = limits[page % limits.length];
      const { chunks, next, droppedBytes, more } = await this.read({ ...query, since: all.next, limit }, ended);
      all.chunks.push(...chunks);
      Object.assign(all, { next, more, droppedBytes: all.droppedBytes + droppedBytes });
    }
    return all;
  }

  dispose(): void {
    this.database.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A process whose streams are the log files, like those of a job. `steps` is its standard input. */
export class Writer {
  readonly #child;
  readonly #exited;

  constructor(logs: RunLogs, script: string) {
    const files = [openSync(logs.stdout, 'a'), openSync(logs.stderr ?? logs.stdout, 'a')] as const;
    this.#child = spawn('sh', ['-c', script], { stdio: ['pipe', ...files] });
    this.#exited = once(this.#child, 'exit');
    for (const file of files) closeSync(file);
  }

  /** Sends a line that the script waits for with `read`. */
  step(): void {
    this.#child.stdin?.write('\n');
  }

  async ended(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }
}

export function textOf(chunks: readonly Chunk[], stream?: Stream): string {
  return chunks
    .filter((chunk) => stream === undefined || chunk.stream === stream)
    .map(({ text }) => text)
    .join('');
}
