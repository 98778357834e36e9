import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';

/** A place in a file that a line of output names. */
export interface FoundFile {
  /** Where the name stands in the line, and how long it is with what belongs to it (UTF-16 units). */
  startIndex: number;
  length: number;
  path: string;
  /** From 1. */
  line: number;
  column: number;
}

/** `"file", line 3` as Python has it, or a name with a dot or a slash, with `:3:5`, `(3,5)` or nothing behind it. */
const places =
  /"(?<quoted>[^"\n]+)", line (?<quotedLine>\d+)|(?<path>(?:[\w@~+-]|\.{1,2}(?=[/\\])|[/\\]|\.(?=\w)|[A-Za-z]:(?=[\\/]))+)(?:[:(](?<line>\d+)(?:[:,] ?(?<column>\d+))?)?/g;
/** The names of files in a line, which may not exist. @param folder that relative names count from */
export function filesIn(text: string, folder: string): FoundFile[] {
  return [...text.matchAll(places)].flatMap(({ index, 0: whole, groups = {} }) => {
    const { quoted, quotedLine, path = quoted, line = quotedLine, column } = groups;
    if (path === undefined || !/[./\\]/.test(path)) return [];
    const length = whole.length;
    const absolute = isAbsolute(path) ? path : resolve(folder, path);
    return [{ startIndex: index, length, path: absolute, line: Number(line ?? 1), column: Number(column ?? 1) }];
  });
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
