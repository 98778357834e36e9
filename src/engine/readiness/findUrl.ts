/** The first web address in a line, as a browser can open it; null when there is none. */
export function findUrl(line: string): string | null {
  const [found] = /https?:\/\/[^\s"'`<>|]+/i.exec(line) ?? [];
  const url = found === undefined ? null : URL.parse(withoutSentence(found));
  if (!url) return null;
  // Where it listens, not where it can be found.
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = 'localhost';
  return url.href;
}

/** Without what belongs to the sentence around it: a full stop, a bracket that was not opened within. */
function withoutSentence(text: string): string {
  const cut = text.replace(/[.,;:!?*]+$/, '');
  const isClosing = /[)\]}]$/.test(cut) && !hasPartner(cut);
  return isClosing ? withoutSentence(cut.slice(0, -1)) : cut;
}

function hasPartner(text: string): boolean {
  const close = text.at(-1) ?? '';
  const open = { ')': '(', ']': '[', '}': '{' }[close] ?? '';
  return text.split(open).length >= text.split(close).length;
}
