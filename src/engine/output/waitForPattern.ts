import type { ChunkIndex } from '../../store/chunkIndex.ts';
import type { GrowthSource } from './growth.ts';
import type { LinePattern } from './linePattern.ts';
import { type Line, LineScanner, plainLine } from './lineScanner.ts';
import { livePieces } from './live.ts';
import { LogFiles } from './logFiles.ts';
import type { RunLogs } from './runLogs.ts';
import { everything } from './selection.ts';

const blockBytes = 262_144;

export interface LineMatch {
  /** The line without colours and newline. */
  text: string;
  /** It is finished: nothing comes behind the text. */
  isWhole: boolean;
}

/**
 * The first line of a run's output that matches, from its beginning on. A line that is not finished matches as well: a
 * prompt has no newline. So `^ready$` may match a line of which only `ready` has been written so far.
 * @returns undefined when the run ends without it or the signal is aborted
 */
export async function waitForPattern(
  growth: GrowthSource,
  index: ChunkIndex,
  logs: RunLogs,
  pattern: LinePattern,
  isEnded: () => boolean,
  signal: AbortSignal,
): Promise<LineMatch | undefined> {
  const files = new LogFiles(logs);
  try {
    const source = { index, logs, files };
    const scanner = new LineScanner(source, everything.first);
    for await (const { piece, isLast } of livePieces(source, everything, { growth, isEnded, signal }, blockBytes)) {
      const whole = firstMatch(await scanner.feed(piece, isLast), pattern);
      const text = whole ?? firstMatch(scanner.unfinished(), pattern);
      if (text !== undefined) return { text, isWhole: whole !== undefined };
    }
    return undefined;
  } finally {
    await files.close();
  }
}

function firstMatch(lines: Iterable<Line>, pattern: LinePattern): string | undefined {
  for (const line of lines) {
    const text = plainLine(line);
    if (pattern.matches(text)) return text;
  }
  return undefined;
}
