import { LogBytes, settleRun } from '../dataDir/logBytes.ts';
import type { JobService } from '../api/endpoints.ts';
import type { BgJobsError } from '../api/errors.ts';
import { type Chunk, outputQuery, type OutputQuery } from '../api/output.ts';
import { outputText } from '../text/outputText.ts';
import type { BodyAnswer, Call, JsonAnswer } from './handlers.ts';

const types = { json: 'application/x-ndjson', text: 'text/plain; charset=utf-8', raw: 'application/octet-stream' };

/** JSON as it is; text and bytes as the body, with cursor and status in headers; a live stream of any of them. */
export async function answerOutput(call: Call<'getOutput'>): Promise<JsonAnswer | BodyAnswer> {
  const { service, id, signal } = call;
  const asked = outputQuery.parse(call.query);
  const { format, follow } = asked;
  if (format === 'json' && !follow) return { value: await service.getOutput(id, call.query) };

  let query: OutputQuery = call.query;
  let render: (chunks: Chunks, droppedBytes?: number) => AsyncGenerator<string | Uint8Array> =
    format === 'json' ? lines : (chunks, droppedBytes) => outputText(chunks, asked, droppedBytes);
  if (format === 'raw') {
    const settled = await settleRun(service, id, query);
    query = { ...settled.query, text: 'false' };
    render = (chunks) => bytes(service, settled.runId, chunks);
  }
  const headers = { 'content-type': types[format], 'cache-control': 'no-store' };
  if (follow) {
    const failure = (error: BgJobsError): string => `${JSON.stringify(error.toBody())}\n`;
    const parts = render(service.followOutput(id, query, signal));
    return { headers, parts, ...(format === 'json' && { failure }) };
  }
  const { chunks, next, more, droppedBytes, status } = await service.getOutput(id, query);
  const cursor = { 'bgjobs-next': next, 'bgjobs-more': String(more), 'bgjobs-dropped-bytes': droppedBytes };
  return { headers: { ...headers, ...cursor, 'bgjobs-status': status }, parts: render(chunks, droppedBytes) };
}

type Chunks = Iterable<Chunk> | AsyncIterable<Chunk>;

async function* lines(chunks: Chunks): AsyncGenerator<string> {
  for await (const chunk of chunks) yield `${JSON.stringify(chunk)}\n`;
}

async function* bytes(service: JobService, runId: string, chunks: Chunks): AsyncGenerator<Uint8Array> {
  let log: LogBytes | undefined;
  try {
    for await (const chunk of chunks) {
      log ??= new LogBytes((await service.getRun(runId)).logs);
      for await (const { bytes } of log.pieces(chunk)) yield bytes;
    }
  } finally {
    await log?.close();
  }
}
