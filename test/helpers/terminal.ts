import xterm from '@xterm/headless';

/** What xterm.js shows of a text: its lines, without empty ones at the end and without spaces at the end of each. Unless it has a size, it is as wide as they are. */
export async function xtermLines(text: string, size?: { cols: number; rows: number }): Promise<string[]> {
  const widest = Math.max(...text.split(/[\r\n]/).map((line) => line.length));
  const terminal = new xterm.Terminal({
    ...(size ?? { cols: Math.min(20_000, Math.max(80, widest + 1)), rows: 50 }),
    scrollback: 1_000_000,
    convertEol: true,
    allowProposedApi: true,
  });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const { normal } = terminal.buffer;
  const lines = Array.from({ length: normal.length }, (_, row) => normal.getLine(row)?.translateToString(true) ?? '');
  terminal.dispose();
  return trimmed(lines);
}

/** What xterm.js shows of a text on its screen, which programs that draw may have replaced by the alternate one. */
export async function xtermScreen(text: string, size: { cols: number; rows: number }) {
  const terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const { active } = terminal.buffer;
  const line = (row: number): string => active.getLine(active.baseY + row)?.translateToString(true) ?? '';
  const lines = Array.from({ length: size.rows }, (_, row) => line(row));
  terminal.dispose();
  return { isAlternate: active.type === 'alternate', lines: trimmed(lines) };
}

/** The same of a rendered text, with the tabs filled in. */
export function textLines(text: string): string[] {
  return trimmed(text.split('\n').map(withoutTabs));
}

function withoutTabs(line: string): string {
  return line.replace(/\t/g, (_, index: number, whole: string) => {
    const before = withoutTabs(whole.slice(0, index));
    return ' '.repeat(8 - (before.length % 8));
  });
}

function trimmed(lines: readonly string[]): string[] {
  const kept = lines.map((line) => line.replace(/\s+$/, ''));
  return kept.slice(0, kept.findLastIndex((line) => line !== '') + 1);
}
