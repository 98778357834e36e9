/** Stands for the session of this window. */
export const windowFilter = '@window';

const word = /(?:[^\s"]|"[^"]*"?)+/g;

/**
 * A filter as people type it (`@failed @window build`), as the job host understands it: see `q` of its list.
 * @param own the session of this window
 * @returns undefined if nothing is typed
 */
export function parseFilter(query: string, own: string): string | undefined {
  const words = query.match(word)?.map((one) => (one === windowFilter ? filterWord('session', own) : one));
  return words?.join(' ');
}

/** The query with this word, or without it if it has it. */
export function toggled(query: string, name: string): string {
  const words = query.match(word) ?? [];
  return (hasWord(query, name) ? words.filter((one) => one !== name) : [...words, name]).join(' ');
}

export function hasWord(query: string, name: string): boolean {
  return query.match(word)?.includes(name) ?? false;
}

/** The word for a session or a tag. */
export function filterWord(key: 'session' | 'tag', value: string): string {
  return /[\s"]/.test(value) ? `@${key}:"${value.replaceAll('"', '')}"` : `@${key}:${value}`;
}

/** The tag that a word made by {@link filterWord} stands for: `key=value`. */
export function tagOf(filter: string): string {
  return filter.replace(/^@tag:/, '').replaceAll('"', '');
}
