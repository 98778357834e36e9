/** What a trial needs: pinned packages, a program of the system, and files beside them. */
export interface Tool {
  /** The first one is the tool. */
  npm?: readonly string[];
  pip?: readonly string[];
  /** The command that prints the version of a program that only the system can have. */
  system?: string;
  files?: Readonly<Record<string, string>>;
  /** A line for the shell that makes more files. */
  prepare?: string;
}

export interface Server extends Tool {
  /** Program and arguments, with a blank between them. */
  command: string;
  /** For `bgjobs run`. */
  options?: readonly string[];
  port: number;
  /** It does not speak HTTP, so it has no URL. */
  isOther?: true;
}

export interface Writer extends Tool {
  /** A line for the shell. */
  line: string;
}

/** What runs a writer. @param terminal its rows and columns; without it, it has none */
export function commandOf({ line }: Writer, terminal?: readonly [number, number]): [string, ...string[]] {
  if (!terminal) return ['sh', '-c', line];
  return ['script', '-qec', `stty rows ${terminal[0]} cols ${terminal[1]}; ${line}`, '/dev/null'];
}

export const index = { 'index.html': '<!doctype html><title>Trial</title><h1>Trial</h1>\n' };

/** `@astrojs/x@1.2.3` or `x[extra]==1.2.3` */
export function versionOf({ npm, pip }: Tool): string | undefined {
  return npm?.[0]?.replace(/^.*@/, '') ?? pip?.[0]?.replace(/^.*==/, '');
}
