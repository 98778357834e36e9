/**
 * `extension/problems` applies problem matchers to the output of a task, as tasks.json describes them. `tasks` imports
 * it; it imports `api`, `text` and `extension/base`.
 */

import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { LineMatcher, type Problem } from './lineMatcher.ts';
import { type Matcher, backgroundOf, readMatcher, type KnownMatchers } from './matcherConfig.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks, isRecord } from '../base/readableText.ts';
import { BackgroundWork } from './backgroundWork.ts';
import { LineSplitter } from '../../text/lineSplitter.ts';
import { TerminalFilter } from '../../text/terminalSequences.ts';
import { builtInMatchers, builtInPatterns } from './builtInMatchers.ts';

/** What a matcher finds in the output of a task, in the Problems panel. */
export class Problems {
  readonly #matcher: Matcher;
  readonly #lines: LineMatcher;
  readonly #folder: string;
  readonly #collection: vscode.DiagnosticCollection;
  /** By file. */
  readonly #found = new Map<string, vscode.Diagnostic[]>();
  /** Files about which something is not shown yet. */
  readonly #changed = new Set<string>();

  /**
   * @param folder absolute path that relative paths begin with
   * @throws SyntaxError for a pattern that is no regular expression
   */
  constructor(matcher: Matcher, folder: string) {
    this.#matcher = matcher;
    this.#lines = new LineMatcher(matcher.patterns);
    this.#folder = folder;
    this.#collection = vscode.languages.createDiagnosticCollection(matcher.owner);
  }

  push(line: string): void {
    const problem = this.#lines.push(line);
    const path = problem && pathOf(problem.file, this.#matcher.location, this.#folder);
    if (!path || !isWanted(path, this.#matcher.applyTo)) return;
    this.#found.set(path, [...(this.#found.get(path) ?? []), diagnosticOf(problem, this.#matcher)]);
    this.#changed.add(path);
  }

  /** Shows what has come since the last call. */
  show(): void {
    for (const path of this.#changed) this.#collection.set(vscode.Uri.file(path), this.#found.get(path));
    this.#changed.clear();
  }

  clear(): void {
    this.#found.clear();
    this.#changed.clear();
    this.#collection.clear();
  }

  dispose(): void {
    this.#collection.dispose();
  }
}

function pathOf(file: string, location: Matcher['location'], folder: string): string {
  if (isAbsolute(file)) return file;
  if (/^file:\/\//.test(file)) return vscode.Uri.parse(file).fsPath;
  const path = join(folder, file);
  return location === 'relative' || existsSync(path) ? path : join('/', file);
}

function isWanted(path: string, applyTo: Matcher['applyTo']): boolean {
  if (applyTo === 'allDocuments') return true;
  const isOpen = vscode.workspace.textDocuments.some(({ uri, isClosed }) => !isClosed && uri.fsPath === path);
  return isOpen === (applyTo === 'openDocuments');
}

function diagnosticOf({ message, severity, code, place }: Problem, matcher: Matcher): vscode.Diagnostic {
  const range = new vscode.Range(place.line - 1, place.column - 1, place.endLine - 1, place.endColumn - 1);
  const diagnostic = new vscode.Diagnostic(range, message, severityOf(severity) ?? severityOf(matcher.severity) ?? 0);
  if (code !== undefined) diagnostic.code = code;
  if (matcher.source !== undefined) diagnostic.source = matcher.source;
  return diagnostic;
}

/** As programs write it: `error`, `Warning`, `warn`, `E`, `note` … */
function severityOf(text: string | undefined): vscode.DiagnosticSeverity | undefined {
  const word = text?.toLowerCase() ?? '';
  if (/^(e|err|error|fatal error)$/.test(word)) return vscode.DiagnosticSeverity.Error;
  if (/^(w|warn|warning)$/.test(word)) return vscode.DiagnosticSeverity.Warning;
  if (/^(i|info|information|note|hint)$/.test(word)) return vscode.DiagnosticSeverity.Information;
  return undefined;
}

/** A line is matched when it ends, or when it is this long (characters). */
const longestLine = 65_536;

interface TaskOutputOptions {
  name: string;
  /** Fills in the variables of a matcher's folder. @throws Error for one that has no value */
  resolve: (text: string) => string;
  /** As tasks.json writes them. */
  matchers: readonly unknown[];
  /** Those of them whose problems the editor does not show itself. */
  described: readonly unknown[];
  /** Background work is done for now. */
  done: () => void;
}

/** Reads the output of a task for problems, and for the start and end of background work. */
export class TaskOutput {
  readonly #problems: Problems[];
  readonly #work: BackgroundWork;
  readonly #filter = new TerminalFilter();
  readonly #lines = new LineSplitter(longestLine);
  /** Whether the output shows when background work is done. */
  readonly tellsWhenDone: boolean;

  constructor({ name, resolve, matchers, described, done }: TaskOutputOptions) {
    const known = knownMatchers();
    this.#problems = described.flatMap((matcher) => problemsBy(matcher, known, name, resolve));
    const backgrounds = matchers.flatMap((matcher) => backgroundOf(matcher, known) ?? []);
    this.tellsWhenDone = backgrounds.some(({ endsPattern }) => endsPattern !== undefined);
    this.#work = new BackgroundWork(backgrounds, { began: () => this.#each((one) => one.clear()), done });
  }

  push(text: string): void {
    this.#match(this.#lines.push(this.#filter.push(text)));
  }

  end(): void {
    const line = this.#lines.end();
    this.#match(line === '' ? [] : [line]);
  }

  /** Takes its problems out of the panel. */
  dispose(): void {
    this.#each((one) => one.dispose());
  }

  #match(lines: Iterable<string>): void {
    for (const line of lines) {
      const text = line.replace(/\r+$/, '');
      this.#work.push(text);
      this.#each((one) => one.push(text));
    }
    this.#each((one) => one.show());
  }

  #each(act: (problems: Problems) => void): void {
    for (const problems of this.#problems) act(problems);
  }
}

function problemsBy(
  written: unknown,
  known: KnownMatchers,
  task: string,
  resolve: TaskOutputOptions['resolve'],
): Problems[] {
  try {
    const matcher = readMatcher(written, known);
    return [new Problems(matcher, resolve(matcher.folder))];
  } catch (error) {
    tellUnusable(task, (error as Error).message);
    return [];
  }
}

function tellUnusable(name: string, reason: string): void {
  const text = t('A problem matcher of the task "{0}" cannot be used: {1}.', name, reason);
  void vscode.window.showWarningMessage(withoutLinks(text));
}

/** The problem matchers and patterns that have names: those of the editor and of extensions. */
function knownMatchers(): KnownMatchers {
  const contributions = vscode.extensions.all.flatMap(({ packageJSON }) => {
    const manifest: unknown = packageJSON;
    return isRecord(manifest) && isRecord(manifest['contributes']) ? [manifest['contributes']] : [];
  });
  const byName = (point: string, builtIn: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> => {
    const contributed = contributions.flatMap((one) => one[point]);
    const named = contributed.flatMap((item): [string, unknown][] =>
      isRecord(item) && typeof item['name'] === 'string' ? [[item['name'], patternsIn(item)]] : [],
    );
    return new Map([...Object.entries(builtIn), ...named]);
  };
  return {
    matchers: byName('problemMatchers', builtInMatchers),
    patterns: byName('problemPatterns', builtInPatterns),
  };
}

/** A pattern of several lines is contributed as a list below its name. */
function patternsIn(item: Record<string, unknown>): unknown {
  return Array.isArray(item['patterns']) ? item['patterns'] : item;
}
