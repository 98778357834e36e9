import { columns } from '../../text/columns.ts';
import { Interruption, usageError, write, type Context } from './context.ts';

const [enter, leave] = ['\u001B[?1049h\u001B[?25l', '\u001B[?25h\u001B[?1049l'];

/** What a terminal shows as long as the user looks at it. */
export interface LiveView {
  /** The lines of now, for so many lines and columns. They are cut to the screen. */
  lines(rows: number, width: number): Promise<readonly string[]>;
  /** @returns true: leave */
  key?(key: string): Promise<boolean> | boolean;
}

/**
 * Takes the whole terminal, draws again and again, and gives it back as it was, however it ends: by q, Escape, Ctrl+C or a
 * signal.
 * @param what the verb, for the refusal without a terminal, with what to do instead
 * @throws BgJobsError `invalid_request` without a terminal
 */
export async function showLive(
  { stdin, stdout }: Context,
  view: LiveView,
  what: { verb: string; instead: string },
  intervalMs: number,
): Promise<void> {
  if (stdin.isTTY !== true || stdin.setRawMode === undefined || stdout.isTTY !== true) {
    throw usageError(`${what.verb} needs a terminal. ${what.instead}`);
  }
  using interruption = new Interruption();
  const { signal } = interruption;
  let wake = (): void => undefined;
  let isOver = false;
  const pressed: string[] = [];
  const read = (data: Buffer): void => {
    pressed.push(...keysOf(data.toString()));
    wake();
  };
  const again = (): void => wake();
  signal.addEventListener('abort', again);
  try {
    stdin.setRawMode(true);
    stdin.on('data', read).resume();
    stdout.on('resize', again);
    await write(stdout, enter);
    while (!isOver && !signal.aborted) {
      const { rows = 24, columns: width = 80 } = stdout;
      const lines = await view.lines(rows, width);
      const cut = lines.slice(0, rows).map((line) => `${columns(line, 0, width)}\u001B[0m\u001B[K`);
      await write(stdout, `\u001B[H${cut.join('\r\n')}\u001B[J`);
      if (pressed.length === 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, intervalMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          if (signal.aborted || pressed.length > 0) wake();
        });
      }
      for (const key of pressed.splice(0)) {
        isOver ||= ['q', '\u0003'].includes(key) || ((await view.key?.(key)) ?? key === '\u001B');
      }
    }
  } finally {
    stdin.off('data', read).pause();
    stdin.setRawMode(false);
    stdout.off('resize', again);
    await write(stdout, leave);
  }
}

/** What was pressed, each key by itself: a terminal sends some as several characters. */
function keysOf(text: string): string[] {
  return text.match(/\u001B\[[\d;]*[A-Za-z~]|[^]/gu) ?? [];
}
