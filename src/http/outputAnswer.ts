import { LogReader, settleRun, type SettledRun } from '../logs/logReader.ts';
import type { JobService } from '../api/endpoints.ts';
import type { BgJobsError } from '../api/errors.ts';
import { type Chunk, outputQuery, type OutputQuery } from '../api/output.ts';
import { validate } from '../api/validate.ts';
import { OutputText } from '../text/outputText.ts';
import type { BodyAnswer, Call, JsonAnswer } from './call.ts';

const types = { json: 'application/x-ndjson', text: 'text/plain; charset=utf-8', raw: 'application/octet-stream' };

/** JSON as it is; text and bytes as the body, with cursor and status in headers; a live stream of any of them. */
export async function answerOutput(call: Call): Promise<JsonAnswer | BodyAnswer> {
  const { service, id, signal } = call;
  const wanted = call.query as OutputQuery;
  const asked = validate(outputQuery, wanted);
  const { format, follow } = asked;
  if (format === 'json' && !follow) return { value: await service.getOutput(id, wanted) };

  const headers = { 'content-type': types[format], 'cache-control': 'no-store' };
  const settled = format === 'raw' ? await settleRun(service, id, wanted) : undefined;
  const query: OutputQuery = settled ? { ...settled.query, text: 'false' } : wanted;
  const text = new OutputText(asked);
  if (follow) {
    const chunks = service.followOutput(id, query, signal);
    if (settled) return { headers, parts: bytes(service, settled, chunks) };
    if (format === 'text') return { headers, parts: mapped(chunks, (chunk) => text.next([chunk])) };
    const failure = (error: BgJobsError): string => `${JSON.stringify(error.toBody())}\n`;
    return { headers, parts: mapped(chunks, (chunk) => `${JSON.stringify(chunk)}\n`), failure };
  }
  const { chunks, next, more, droppedBytes, status } = await service.getOutput(id, query);
  const cursor = { 'bgjobs-next': next, 'bgjobs-more': String(more), 'bgjobs-dropped-bytes': droppedBytes };
  const parts = settled ? bytes(service, settled, chunks) : mapped([chunks], (page) => text.next(page, droppedBytes));
  return { headers: { ...headers, ...cursor, 'bgjobs-status': status }, parts };
}

async function* mapped<T>(items: Iterable<T> | AsyncIterable<T>, render: (item: T) => string): AsyncGenerator<string> {
  for await (const item of items) yield render(item);
}

async function* bytes(
  service: JobService,
  run: SettledRun,
  chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
): AsyncGenerator<Uint8Array> {
  await using log = new LogReader(service, run);
  for await (const chunk of chunks) {
    for await (const piece of log.read(chunk)) yield piece.bytes;
  }
}
