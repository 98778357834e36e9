import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { resolveVariables } from '../tasks/taskVariables.ts';
import { variableScope } from '../tasks/variableScope.ts';
import { LineMatcher, type Problem } from './lineMatcher.ts';
import type { Matcher } from './matcherConfig.ts';

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

  /** @throws Error for a variable or an expression that cannot be understood */
  constructor(matcher: Matcher, folder: string) {
    this.#matcher = matcher;
    this.#lines = new LineMatcher(matcher.patterns);
    const scope = variableScope(folder, { answers: new Map(), secrets: new Set() });
    this.#folder = resolveVariables(matcher.folder, scope);
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
