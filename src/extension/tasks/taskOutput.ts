import * as vscode from 'vscode';
import { LineSplitter } from '../../text/lineSplitter.ts';
import { TerminalFilter } from '../../text/terminalSequences.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import { BackgroundWork } from '../problems/backgroundWork.ts';
import { knownMatchers } from '../problems/knownMatchers.ts';
import { backgroundOf, readMatcher, type KnownMatchers } from '../problems/matcherConfig.ts';
import { Problems } from '../problems/problems.ts';

/** A line is matched when it ends, or when it is this long (characters). */
const longestLine = 65_536;

interface TaskOutputOptions {
  name: string;
  folder: string;
  /** As tasks.json writes them. */
  matchers: readonly unknown[];
  /** Those of them whose problems the editor does not show itself. */
  described: readonly unknown[];
  /** Work in the background has been done for now. */
  done: () => void;
}

/** What is heard and seen in the output of a task: problems, and when work in the background begins and is done. */
export class TaskOutput {
  readonly #problems: Problems[];
  readonly #work: BackgroundWork;
  readonly #filter = new TerminalFilter();
  readonly #lines = new LineSplitter(longestLine);
  /** Whether the output tells when work in the background is done. */
  readonly tellsWhenDone: boolean;

  constructor({ name, folder, matchers, described, done }: TaskOutputOptions) {
    const known = knownMatchers();
    this.#problems = described.flatMap((matcher) => problemsBy(matcher, known, name, folder));
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

function problemsBy(matcher: unknown, known: KnownMatchers, task: string, folder: string): Problems[] {
  try {
    return [new Problems(readMatcher(matcher, known), folder)];
  } catch (error) {
    tellUnusable(task, (error as Error).message);
    return [];
  }
}

function tellUnusable(name: string, reason: string): void {
  const text = t('A problem matcher of the task "{0}" cannot be used: {1}.', name, reason);
  void vscode.window.showWarningMessage(withoutLinks(text));
}
