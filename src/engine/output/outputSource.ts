import type { Stream } from '../../api/output.ts';
import { type ChunkIndex, streamSizes } from '../../store/chunkIndex.ts';
import type { LogFiles } from './logFiles.ts';
import type { RunLogs } from './runLogs.ts';

/** What the output of one run is read from. */
export interface OutputSource {
  index: ChunkIndex;
  logs: RunLogs;
  files: LogFiles;
}

/** Where each stream of an ended run ends: what is cut there stays cut. Of a live run nobody knows: undefined. */
export function streamEnds({ index, logs }: OutputSource, ended: boolean): Record<Stream, number> | undefined {
  return ended ? streamSizes(index.last(logs.run)) : undefined;
}
