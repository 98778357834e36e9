/** For messages: the editor makes links of `[text](target)` in them, commands among the targets. */
export function withoutLinks(text: string): string {
  return text.replaceAll('](', ']\u200B(');
}

/** For lists to pick from: the editor draws icons for `$(name)`, which in a command line is something else. */
export function withoutIcons(text: string): string {
  return text.replace(/\$\((?=[\w~-]+\))/g, '\\$(');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
