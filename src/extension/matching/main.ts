/**
 * `extension/matching` understands problem matchers as the editor does and finds the problems that they describe. It is a
 * bundle that `problems` loads with the first task that needs it; it imports `api` and `text`.
 */

import { LineRenderer } from '../../text/lineRenderer.ts';
import { shownRow, type Row } from '../../text/rows.ts';
import { FileLookup } from './fileLookup.ts';
import { readMatcher, type FileLocation, type KnownMatchers, type Matcher } from './matcherConfig.ts';
import { ProblemCollector, type CollectorOptions, type Line } from './problemCollector.ts';

export { builtInMatchers } from './builtInMatchers.ts';
export type { Problem } from './lineMatcher.ts';
export type { KnownMatchers } from './matcherConfig.ts';
export type { Panel } from './problemCollector.ts';

interface MatchingOptions extends Pick<CollectorOptions, 'isBackground' | 'panel' | 'done'> {
  /** As tasks.json writes them. */
  matchers: readonly unknown[];
  known: KnownMatchers;
  /** Owner of what matchers without an owner find. */
  owner: string;
  /** Absolute path of the task's folder. */
  folder: string;
  /** Fills in variables. @throws Error for one that has no value */
  resolve: (text: string) => string;
  /** A matcher cannot be used, whose problems are shown here. */
  complain: (reason: string) => void;
}

/**
 * Reads the output of a task, as a terminal shows it, for problems and for the begin and end of work in the background.
 * The rest of a line that is longer than a row is not matched.
 */
export class TaskMatching {
  readonly #collector: ProblemCollector;
  readonly #renderer = new LineRenderer({
    onState: (row) => this.#add(row, true),
    onLine: (row) => this.#add(row, false),
    onLeave: () => undefined,
  });
  /** Not matched yet. */
  #lines: Line[] = [];
  /** Settled when everything so far is matched. */
  #matched: Promise<void> = Promise.resolve();

  constructor({ matchers: written, known, owner, folder, resolve, complain, ...options }: MatchingOptions) {
    const matchers = written.flatMap((one, index): Matcher[] => {
      try {
        const matcher = readMatcher(one, known, `${owner} ${index + 1}`);
        return [{ ...matcher, location: filledIn(matcher.location, resolve) }];
      } catch (error) {
        if (options.panel) complain((error as Error).message);
        return [];
      }
    });
    this.#collector = new ProblemCollector({ ...options, matchers, files: new FileLookup(folder), now: Date.now });
  }

  /** Whether the output shows when background work is done. */
  get tellsWhenDone(): boolean {
    return this.#collector.tellsWhenDone;
  }

  /** Settled when this is matched. */
  push(text: string): Promise<void> {
    this.#renderer.push(text);
    const lines = this.#lines;
    this.#lines = [];
    this.#matched = this.#matched.then(() => this.#collector.push(lines));
    return this.#matched;
  }

  /** Settled when everything is matched. */
  async end(): Promise<void> {
    await this.push(this.#renderer.state() === undefined ? '' : '\n');
    this.#collector.end();
  }

  #add(row: Row, isDrawnOver: boolean): void {
    if (!row.isContinuation) this.#lines.push({ text: shownRow(row).trimEnd(), row, isDrawnOver });
  }
}

function filledIn(location: FileLocation, resolve: (text: string) => string): FileLocation {
  if (location.type === 'absolute') return location;
  if (location.type !== 'search') return { ...location, folder: resolve(location.folder) };
  return { ...location, include: location.include.map(resolve), exclude: location.exclude.map(resolve) };
}
