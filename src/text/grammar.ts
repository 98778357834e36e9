/** On one line, and without control characters: a job's name must not be able to steer the reader's terminal. */
export function oneLine(text: string): string {
  return text.replace(controls, (character) => {
    const known = named[character];
    return known ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

const controls = /[\x00-\x1f\x7f-\x9f]/g;
const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** As it would be typed into a POSIX shell. */
export function commandLine(job: { command: string | null; argv: string[] | null }): string {
  return oneLine(job.command ?? (job.argv ?? []).map(quoteArgument).join(' '));
}

/** Quotes an argument for a POSIX shell unless it needs no quotes. */
export function quoteArgument(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : singleQuoted(argument);
}

/** In single quotes, in which a POSIX shell keeps every byte. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** With a capital letter, as the beginning of a sentence. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function plural(count: number, singular: string, several = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : several}`;
}

/** `512 B`, `1.5 MiB` */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(count) / 10), units.length);
  return `${(count / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}
