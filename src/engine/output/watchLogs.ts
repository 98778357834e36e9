import { watch } from 'node:fs';
import { dirname } from 'node:path';
import { logFiles, type RunLogs } from '../../store/runTable.ts';

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
