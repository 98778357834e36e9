import { isRecord } from '../../api/values.ts';
import { builtInMatchers, builtInPatterns } from './builtInMatchers.ts';

/** What a group of an expression can hold. */
const groups = ['file', 'location', 'line', 'column', 'endLine', 'endColumn', 'severity', 'code', 'message'] as const;
export type Group = (typeof groups)[number];

/** A pattern for one line. */
export interface Pattern {
  regexp: RegExp;
  /** The problem is one of the whole file. */
  isOfFile: boolean;
  /** Which group of the expression holds what; 0 is the whole match. */
  groups: Partial<Record<Group, number>>;
  /** Further lines that fit it are further problems; only of the last pattern. */
  loop: boolean;
}

/** How lines show that work in the background begins and ends. */
export interface Background {
  activeOnStart: boolean;
  begins: RegExp | undefined;
  ends: RegExp;
  /** The group of `begins` with the only file that the work is about. */
  file: number | undefined;
}

type ApplyTo = 'alldocuments' | 'opendocuments' | 'closeddocuments';

/** How a file that a program names is found. Folders may hold variables. */
export type FileLocation =
  | { type: 'absolute' }
  | { type: 'relative' | 'autodetect'; folder: string }
  | { type: 'search'; include: readonly string[]; exclude: readonly string[] };

export type Severity = 'error' | 'warning' | 'information';

/** A matcher with nothing left to look up. */
export interface Matcher {
  /** The problems of an owner are shown, and replaced, together. */
  owner: string;
  source: string | undefined;
  /** Of problems that say nothing else. */
  severity: Severity;
  applyTo: ApplyTo;
  location: FileLocation;
  /** One for each line of a problem. */
  patterns: readonly Pattern[];
  background: Background | undefined;
}

/** What extensions contribute, by name. */
export interface KnownMatchers {
  matchers: ReadonlyMap<string, unknown>;
  patterns: ReadonlyMap<string, unknown>;
}

const workspaceFolder = '${workspaceFolder}';

/**
 * Understands a matcher as tasks.json and extensions write it, and overlooks what the editor overlooks.
 * @param owner that of a matcher which names none
 * @throws Error whose message says what cannot be understood
 */
export function readMatcher(written: unknown, known: KnownMatchers, owner: string): Matcher {
  const matcher: Matcher = {
    owner,
    source: undefined,
    severity: 'error',
    applyTo: 'alldocuments',
    location: { type: 'relative', folder: workspaceFolder },
    patterns: [],
    background: undefined,
    ...statedBy(written, known),
  };
  if (matcher.patterns.length === 0 && !matcher.background) throw new Error('it has no pattern');
  return matcher;
}

function statedBy(written: unknown, known: KnownMatchers): Partial<Matcher> {
  if (typeof written === 'string') return statedBy(named(written, known.matchers, builtInMatchers), known);
  if (!isRecord(written)) throw new Error('it must be a name or an object');
  const { base, owner, source, severity, applyTo, fileLocation, pattern } = written;
  const inherited = typeof base === 'string' ? statedBy(base, known) : undefined;
  const location = locationOf(fileLocation);
  if (fileLocation !== undefined && !location && !inherited) {
    throw new Error(`its fileLocation is ${JSON.stringify(fileLocation)}`);
  }
  const background = backgroundOf(written, inherited?.background);
  return {
    ...inherited,
    ...(typeof owner === 'string' ? { owner } : {}),
    ...(typeof source === 'string' ? { source } : {}),
    ...(typeof severity === 'string' ? { severity: severityOf(severity) ?? 'error' } : {}),
    ...(typeof applyTo === 'string' ? { applyTo: applyToOf(applyTo) } : {}),
    ...(location ? { location } : {}),
    ...(pattern ? { patterns: patternsOf(pattern, known) } : {}),
    ...(background ? { background } : {}),
  };
}

function named(name: string, contributed: ReadonlyMap<string, unknown>, builtIn: Readonly<Record<string, unknown>>) {
  const key = name.replace(/^\$/, '');
  const found = contributed.get(key) ?? builtIn[key];
  if (found === undefined) throw new Error(`${name} is not known`);
  return found;
}

/** The severities that the editor knows, in any case. */
export function severityOf(text: string): Severity | undefined {
  if (/^error$/i.test(text)) return 'error';
  if (/^warn(ing)?$/i.test(text)) return 'warning';
  return /^info$/i.test(text) ? 'information' : undefined;
}

function applyToOf(text: string): ApplyTo {
  const name = text.toLowerCase();
  return name === 'opendocuments' || name === 'closeddocuments' ? name : 'alldocuments';
}

function locationOf(written: unknown): FileLocation | undefined {
  const [name, where] = (Array.isArray(written) ? written : [written]) as unknown[];
  const type = typeof name === 'string' ? name.toLowerCase() : undefined;
  if (type === 'absolute') return { type };
  if (type === 'relative' || type === 'autodetect') {
    return { type, folder: typeof where === 'string' ? where : workspaceFolder };
  }
  if (type !== 'search') return undefined;
  const { include = workspaceFolder, exclude } = isRecord(where) ? where : {};
  return { type, include: texts(include), exclude: texts(exclude) };
}

/** One or several. */
function texts(written: unknown): string[] {
  return [written].flat().filter((one) => typeof one === 'string');
}

function patternsOf(written: unknown, known: KnownMatchers): Pattern[] {
  if (typeof written === 'string') return patternsOf(named(written, known.patterns, builtInPatterns), known);
  const several = Array.isArray(written) ? (written as unknown[]) : undefined;
  const patterns = several
    ? several.map((one, index) => patternOf(one, index === several.length - 1))
    : [withDefaults(patternOf(written, false))];
  const has = (group: Group): boolean => patterns.some((one) => one.groups[group] !== undefined);
  if (!has('file') || !has('message')) throw new Error('its pattern needs "file" and "message"');
  if (!patterns[0]?.isOfFile && !has('location') && !has('line')) {
    throw new Error('its pattern needs "line", "location" or "kind": "file"');
  }
  return patterns;
}

function patternOf(written: unknown, canLoop: boolean): Pattern {
  if (!isRecord(written) || typeof written['regexp'] !== 'string') throw new Error('its pattern has no "regexp"');
  const { regexp, kind, loop } = written;
  // The editor overlooks a group that is no number.
  const numbers = groups.filter((group) => typeof written[group] === 'number').map((group) => [group, written[group]]);
  return {
    regexp: expressionOf(regexp),
    isOfFile: typeof kind === 'string' && kind.toLowerCase() === 'file',
    groups: Object.fromEntries(numbers) as Pattern['groups'],
    loop: canLoop && loop === true,
  };
}

/** What a pattern of one line may leave out. */
function withDefaults(pattern: Pattern): Pattern {
  const place = pattern.groups.location || pattern.isOfFile ? {} : { line: 2, column: 3 };
  return { ...pattern, groups: { file: 1, message: 0, ...place, ...pattern.groups } };
}

/**
 * The editor has no use for one without both expressions. Without a base that has them, we take the one that ends the
 * work: without it, what depends on the task would wait for ever.
 */
function backgroundOf(written: Record<string, unknown>, base: Background | undefined): Background | undefined {
  const { watchedTaskBeginsRegExp, watchedTaskEndsRegExp, background, watching } = written;
  if (typeof watchedTaskBeginsRegExp === 'string' && typeof watchedTaskEndsRegExp === 'string') {
    const begins = expressionOf(watchedTaskBeginsRegExp);
    return { activeOnStart: false, begins, ends: expressionOf(watchedTaskEndsRegExp), file: undefined };
  }
  const own = background ?? watching;
  if (!isRecord(own)) return undefined;
  const { activeOnStart, beginsPattern, endsPattern } = own;
  const [begins, ends] = [markOf(beginsPattern), markOf(endsPattern)];
  if (!ends || (base && !begins)) return undefined;
  const file = isRecord(beginsPattern) ? beginsPattern['file'] : undefined;
  return { activeOnStart: activeOnStart === true, begins, ends, file: typeof file === 'number' ? file : undefined };
}

function markOf(written: unknown): RegExp | undefined {
  const text = isRecord(written) ? written['regexp'] : written;
  return typeof text === 'string' && text !== '' ? expressionOf(text) : undefined;
}

function expressionOf(text: unknown): RegExp {
  try {
    return new RegExp(String(text));
  } catch {
    throw new Error(`${JSON.stringify(text)} is not a regular expression`);
  }
}
