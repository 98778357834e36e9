import { appendFileSync, renameSync, statSync } from 'node:fs';

const levels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof levels)[number];

/** Never log environment values, tokens, or output of jobs. */
export type Log = Readonly<Record<LogLevel, (message: string, error?: unknown) => void>>;

/** Many programs use `LOG_LEVEL`: an unknown level must not prevent the host from starting. */
export function parseLogLevel(text: string | undefined): LogLevel {
  return levels.find((level) => level === text?.toLowerCase()) ?? 'info';
}

/**
 * Lines of time, level and message. A file that has grown over `maxBytes` becomes `<path>.1`, in place of an older one.
 * Lines are written at once, so that the last ones before a crash are there. A log that cannot be written stops no jobs.
 */
export function openLog(path: string, level: LogLevel, maxBytes = 1_048_576): Log {
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;

  const write = (of: LogLevel) => (message: string, error?: unknown) => {
    if (levels.indexOf(of) > levels.indexOf(level)) return;
    const line = `${new Date().toISOString()} ${of} ${message}${error === undefined ? '' : `: ${describe(error)}`}\n`;
    try {
      if (size >= maxBytes) {
        renameSync(path, `${path}.1`);
        size = 0;
      }
      appendFileSync(path, line, { mode: 0o600 });
      size += Buffer.byteLength(line);
    } catch {
      // A full disk, for example.
    }
  };
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
