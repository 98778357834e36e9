import * as z from 'zod';
import { validate } from '../../api/validate.ts';

const group = z.int().min(0);
const expression = z.string().refine(isExpression, 'must be a regular expression');

/** A problem pattern as tasks.json writes it: which group of the expression holds what. */
const patternConfig = z.object({
  regexp: expression,
  kind: z.enum(['file', 'location']).optional(),
  file: group.optional(),
  location: group.optional(),
  line: group.optional(),
  column: group.optional(),
  endLine: group.optional(),
  endColumn: group.optional(),
  severity: group.optional(),
  code: group.optional(),
  message: group.optional(),
  loop: z.boolean().optional(),
});
export type PatternConfig = z.infer<typeof patternConfig>;

/** A pattern of several lines, or of one. */
const patterns = z.union([z.array(patternConfig).min(1), patternConfig]);

const mark = z
  .union([expression, z.object({ regexp: expression })])
  .transform((value) => (typeof value === 'string' ? value : value.regexp));

const background = z.object({
  activeOnStart: z.boolean().default(false),
  beginsPattern: mark.optional(),
  endsPattern: mark.optional(),
});
export type BackgroundConfig = z.infer<typeof background>;

const location = z.enum(['absolute', 'relative', 'autoDetect', 'search']);

/** A problem matcher as tasks.json and extensions write it. */
const matcherConfig = z.object({
  base: z.string().optional(),
  owner: z.string().optional(),
  source: z.string().optional(),
  severity: z.string().optional(),
  applyTo: z.enum(['allDocuments', 'openDocuments', 'closedDocuments']).optional(),
  fileLocation: z.union([location, z.tuple([location]).rest(z.unknown())]).optional(),
  pattern: z.union([z.string(), patterns]).optional(),
  background: background.optional(),
  watching: background.optional(),
});
type MatcherConfig = z.infer<typeof matcherConfig>;

/** What extensions contribute, by name. */
export interface KnownMatchers {
  matchers: ReadonlyMap<string, unknown>;
  patterns: ReadonlyMap<string, unknown>;
}

/** A matcher with nothing left to look up. */
export interface Matcher {
  owner: string;
  source: string | undefined;
  severity: string | undefined;
  applyTo: 'allDocuments' | 'openDocuments' | 'closedDocuments';
  location: 'absolute' | 'relative' | 'autoDetect' | 'search';
  /** What relative paths begin with; variables are not filled in. */
  folder: string;
  patterns: PatternConfig[];
  background: BackgroundConfig | undefined;
}

/** @throws Error whose message says what cannot be understood */
export function readMatcher(written: unknown, known: KnownMatchers): Matcher {
  const config = withBase(written, known);
  const [location, folder] = typeof config.fileLocation === 'object' ? config.fileLocation : [config.fileLocation];
  return {
    owner: config.owner ?? 'external',
    source: config.source,
    severity: config.severity,
    applyTo: config.applyTo ?? 'allDocuments',
    location: location ?? 'relative',
    folder: typeof folder === 'string' ? folder : '${workspaceFolder}',
    patterns: patternsOf(config.pattern, known),
    background: config.background ?? config.watching,
  };
}

/** How a matcher recognizes the start and end of background work; undefined when it does not, or is unknown. */
export function backgroundOf(written: unknown, known: KnownMatchers): BackgroundConfig | undefined {
  try {
    const { background: own, watching } = withBase(written, known);
    return own ?? watching;
  } catch {
    return undefined;
  }
}

function withBase(written: unknown, known: KnownMatchers): MatcherConfig {
  if (typeof written === 'string') return withBase(named(written, known.matchers), known);
  const config = validate(matcherConfig, written);
  return config.base === undefined ? config : { ...withBase(config.base, known), ...config };
}

function patternsOf(pattern: MatcherConfig['pattern'], known: KnownMatchers): PatternConfig[] {
  if (typeof pattern === 'string') {
    const found = validate(patterns, named(pattern, known.patterns));
    return patternsOf(found, known);
  }
  if (pattern === undefined) throw new Error('it has no pattern');
  return Array.isArray(pattern) ? pattern : [withDefaults(pattern)];
}

/** What a pattern of one line may leave out. */
function withDefaults(pattern: PatternConfig): PatternConfig {
  const places = pattern.location !== undefined || pattern.kind === 'file' ? {} : { line: 2, column: 3 };
  return { file: 1, message: 0, ...places, ...pattern };
}

function named(name: string, all: ReadonlyMap<string, unknown>): unknown {
  const found = all.get(name.replace(/^\$/, ''));
  if (found === undefined) throw new Error(`${name} is not known`);
  return found;
}

function isExpression(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}
