import { statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Stream } from '../../api/output.ts';
import type { ChunkRow } from '../../store/chunkIndex.ts';
import { bothStreams, logFiles, type RunLogs } from './runLogs.ts';

/** What the index holds of a run's output. */
export interface Indexed {
  sizes: Record<Stream, number>;
  /** Of the last row, in milliseconds since the epoch; 0 when there is none. */
  time: number;
}

/**
 * The rows for what the logs have grown since, at most one per stream. When both have grown, the one that was written
 * to last comes last: more about the order cannot be known.
 * A row's time is that of the last write, so it is right also after a long pause between polls; it never goes back.
 * A log that is missing or shorter than before has not grown.
 */
export function findGrowth(logs: RunLogs, { sizes, time }: Indexed, now: number): ChunkRow[] {
  const grown = bothStreams.flatMap((stream) => {
    const path = logs[stream];
    const stats = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
    return stats && stats.size > sizes[stream] ? [{ stream, size: stats.size, mtimeMs: stats.mtimeMs }] : [];
  });
  let seq = sizes.stdout + sizes.stderr;
  return grown
    .sort((a, b) => a.mtimeMs - b.mtimeMs)
    .map(({ stream, size, mtimeMs }) => {
      const offset = sizes[stream];
      const length = size - offset;
      seq += length;
      time = Math.max(time, Math.min(now, Math.round(mtimeMs)));
      return { seq, time, stream, offset, length };
    });
}

/**
 * Calls back when a log may have grown. A hint: sizes are the truth.
 * @returns a function that ends it, or undefined when the logs cannot be watched (now)
 */
export type WatchLogs = (logs: RunLogs, onHint: () => void) => (() => void) | undefined;

/**
 * Uses those kinds of fs.watch that report writes to a file that stays open:
 * - Linux: the directory, one inotify watch for both logs.
 * - macOS: the files, by kqueue. A directory is watched through FSEvents, which reports a write when the file is closed
 *   (github.com/notify-rs/notify/issues/240).
 * - Windows: nothing. ReadDirectoryChangesW reports when the directory entry is updated, which may be at the close
 *   (github.com/notify-rs/notify/issues/422).
 */
export function watchLogs(platform: NodeJS.Platform, watchPath: typeof watch = watch): WatchLogs {
  if (platform === 'win32') return () => undefined;
  return (logs, onHint) => {
    const paths = platform === 'darwin' ? logFiles(logs) : [dirname(logs.stdout)];
    const watchers: ReturnType<typeof watch>[] = [];
    const close = (): void => watchers.forEach((watcher) => watcher.close());
    try {
      for (const path of paths) watchers.push(watchPath(path, onHint).on('error', onHint));
    } catch {
      // ENOSPC: the user's inotify watches are used up; EMFILE; ENOENT: removed by hand.
      close();
      return undefined;
    }
    return close;
  };
}
