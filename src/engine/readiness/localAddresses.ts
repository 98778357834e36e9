/** An address of this machine that a program has written. */
export interface LocalAddress {
  /** In a form that a browser can open. */
  url: string;
  host: string;
  port: number;
  /** The port is written out. */
  hasPort: boolean;
}

/** The host is followed by a port, a path or the end, so that it is not the beginning of another name. */
const local =
  /https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\])(:\d{1,5})?(?![\w:@-]|\.\w)(?:[/?#][^\s"'`<>|]*)?/gi;

/** The addresses of this machine in a line, in order. */
export function localAddresses(line: string): LocalAddress[] {
  return Array.from(line.matchAll(local), ([text, port]) => ({ url: URL.parse(withoutSentence(text)), port })).flatMap(
    ({ url, port }) => {
      if (!url) return [];
      // These are addresses to listen on, not to connect to.
      if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = 'localhost';
      const usual = url.protocol === 'https:' ? 443 : 80;
      return {
        url: url.href,
        host: url.hostname,
        port: url.port === '' ? usual : Number(url.port),
        hasPort: port !== undefined,
      };
    },
  );
}

/** Removes what belongs to the surrounding sentence: a full stop, a bracket that was not opened within. */
function withoutSentence(text: string): string {
  const cut = text.replace(/[.,;:!?*]+$/, '');
  const close = cut.at(-1) ?? '';
  const open = { ')': '(', ']': '[', '}': '{' }[close];
  if (open === undefined || cut.split(open).length >= cut.split(close).length) return cut;
  return withoutSentence(cut.slice(0, -1));
}

/** No program that is looked at here names more; a log of requests may. */
const mostNamed = 100;

/** The addresses of this machine that a program names, in order. */
export class NamedAddresses {
  readonly #found = new Map<string, LocalAddress>();
  #lastLine = '';
  #ofLastLine: string[] = [];

  /** @param line may be the beginning of one that comes again when more of it is written */
  note(line: string): void {
    const addresses = localAddresses(line);
    if (line.startsWith(this.#lastLine)) for (const url of this.#ofLastLine) this.#found.delete(url);
    this.#lastLine = line;
    this.#ofLastLine = [];
    for (const address of addresses) {
      if (this.#found.has(address.url) || this.#found.size === mostNamed) continue;
      this.#found.set(address.url, address);
      this.#ofLastLine.push(address.url);
    }
  }

  all(): LocalAddress[] {
    return [...this.#found.values()];
  }
}
