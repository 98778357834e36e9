/**
 * `extension/problems` applies problem matchers to the output of tasks and jobs. `tasks`, `commands` and `app` import
 * it; it imports `output` and the rooms below, and loads `extension/matching`.
 */

import { createRequire } from 'node:module';
import * as vscode from 'vscode';
import { isRecord } from '../../api/values.ts';
import { matchersBundle } from '../../bundles.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import type * as Matching from '../matching/main.ts';

/** Our part of the Problems panel. Tasks whose matchers name the same owner share what is shown of it. */
export class ProblemsPanel implements Matching.Panel {
  readonly #owners = new Map<string, { collection: vscode.DiagnosticCollection; files: Set<string> }>();

  readonly files = (owner: string): Iterable<string> => [...(this.#owners.get(owner)?.files ?? [])];

  readonly show = (owner: string, file: string, problems: readonly Matching.Problem[]): void => {
    const { collection, files } = this.#partOf(owner);
    collection.set(vscode.Uri.file(file), problems.length === 0 ? undefined : problems.map(diagnosticOf));
    if (problems.length === 0) files.delete(file);
    else files.add(file);
  };

  readonly isOpen = (file: string): boolean => {
    const { fsPath } = vscode.Uri.file(file);
    return vscode.workspace.textDocuments.some(({ uri, isClosed }) => !isClosed && uri.fsPath === fsPath);
  };

  dispose(): void {
    for (const { collection } of this.#owners.values()) collection.dispose();
  }

  #partOf(owner: string): { collection: vscode.DiagnosticCollection; files: Set<string> } {
    const part = this.#owners.get(owner) ?? {
      collection: vscode.languages.createDiagnosticCollection(owner),
      files: new Set<string>(),
    };
    this.#owners.set(owner, part);
    return part;
  }
}

const severities = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};

function diagnosticOf({ message, severity, code, source, range }: Matching.Problem): vscode.Diagnostic {
  const { startLine, startColumn, endLine, endColumn } = range;
  const place = new vscode.Range(startLine - 1, startColumn - 1, endLine - 1, endColumn - 1);
  const diagnostic = new vscode.Diagnostic(place, message, severities[severity]);
  if (code !== undefined) diagnostic.code = code;
  if (source !== undefined) diagnostic.source = source;
  return diagnostic;
}

interface TaskOutputOptions extends Omit<ConstructorParameters<typeof Matching.TaskMatching>[0], 'known' | 'complain'> {
  name: string;
}

/** Reads the output of a task for problems, and for the begin and end of work in the background. */
export function taskOutput({ name, ...options }: TaskOutputOptions): Matching.TaskMatching {
  const { TaskMatching } = createRequire(matchersBundle)(matchersBundle) as typeof Matching;
  const complain = (reason: string): void => {
    const text = t('A problem matcher of the task "{0}" cannot be used: {1}.', name, reason);
    void vscode.window.showWarningMessage(withoutLinks(text));
  };
  return new TaskMatching({ ...options, known: knownMatchers(), complain });
}

/** The problem matchers and patterns that extensions have named. */
export function knownMatchers(): Matching.KnownMatchers {
  const contributions = vscode.extensions.all.flatMap(({ packageJSON }) => {
    const manifest: unknown = packageJSON;
    return isRecord(manifest) && isRecord(manifest['contributes']) ? [manifest['contributes']] : [];
  });
  const byName = (point: string): ReadonlyMap<string, unknown> => {
    const contributed = contributions.flatMap((one) => one[point]);
    // A pattern of several lines is contributed as a list below its name.
    const named = contributed.flatMap((item): [string, unknown][] =>
      isRecord(item) && typeof item['name'] === 'string'
        ? [[item['name'], Array.isArray(item['patterns']) ? item['patterns'] : item]]
        : [],
    );
    return new Map(named);
  };
  return { matchers: byName('problemMatchers'), patterns: byName('problemPatterns') };
}

/** Whether a matcher is for a job that does its work again and again. @param name without a dollar sign */
export function isWatching(name: string): boolean {
  const matcher = knownMatchers().matchers.get(name);
  return isRecord(matcher) && matcher['background'] !== undefined;
}
