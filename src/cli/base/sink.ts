import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Where a verb prints. */
export interface Sink extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Waits for a slow reader, so that memory stays bounded. */
export async function write(sink: Sink, data: string | Buffer): Promise<void> {
  if (!sink.write(data)) await once(sink, 'drain');
}
