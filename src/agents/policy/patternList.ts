/**
 * The patterns of a setting, whatever somebody has written there. What is no text becomes a pattern that cannot be read, so
 * that it is reported where patterns are, and not passed over.
 */
export function patternList(value: unknown): string[] {
  const entries: unknown[] = Array.isArray(value) ? value : [value];
  return entries.map((entry) => (typeof entry === 'string' ? entry : `/(${JSON.stringify(entry)}`));
}
