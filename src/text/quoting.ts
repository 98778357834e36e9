/** In single quotes, which keep every byte, unless it needs none. */
export function quoteArgument(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : singleQuoted(argument);
}

/** In single quotes, in which a POSIX shell keeps every byte. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
