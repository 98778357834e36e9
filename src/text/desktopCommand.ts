export interface DesktopOptions {
  readonly title: string;
  readonly hasFailed: boolean;
  readonly sound: boolean;
}

/** Arguments of the program that shows a notification of the operating system; undefined where there is none. */
export function desktopCommand(
  platform: NodeJS.Platform,
  text: string,
  { title, hasFailed, sound }: DesktopOptions,
): [program: string, ...args: string[]] | undefined {
  if (platform === 'darwin') {
    const played = sound ? ` sound name "${hasFailed ? 'Basso' : 'Glass'}"` : '';
    const script = `display notification (item 1 of argv) with title (item 2 of argv)${played}`;
    return ['osascript', '-e', 'on run argv', '-e', script, '-e', 'end run', text, title];
  }
  if (platform !== 'linux') return undefined;
  const hint = sound
    ? `--hint=string:sound-name:${hasFailed ? 'dialog-error' : 'complete'}`
    : '--hint=boolean:suppress-sound:true';
  // The body is markup.
  const body = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return ['notify-send', `--app-name=${title}`, '--icon=dialog-information', hint, '--', title, body];
}
