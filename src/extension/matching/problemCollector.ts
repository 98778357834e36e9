import { BackgroundWork, type Begin } from './backgroundWork.ts';
import type { FileLookup } from './fileLookup.ts';
import { ProblemFinder, type Problem } from './lineMatcher.ts';
import type { Matcher } from './matcherConfig.ts';

/** Where problems are shown. Those of an owner come from all of its tasks. */
export interface Panel {
  /** The files about which something is shown. */
  files: (owner: string) => Iterable<string>;
  /** Replaces what is shown about a file (absolute path). */
  show: (owner: string, file: string, problems: readonly Problem[]) => void;
  isOpen: (file: string) => boolean;
}

export interface CollectorOptions {
  matchers: readonly Matcher[];
  isBackground: boolean;
  /** Null: the problems are shown elsewhere. */
  panel: Panel | null;
  files: FileLookup;
  /** Milliseconds. */
  now: () => number;
  /** Background work is done for now. @param groups what the named groups of the line hold */
  done: (groups: Readonly<Record<string, string>>) => void;
}

export interface Line {
  text: string;
  /** On which it stands: another line there is a later state of it. */
  row: object;
  isDrawnOver: boolean;
}

/** A background task that ends this soon (milliseconds) after its last line keeps the problems that it has just found. */
const justNow = 3000;

/**
 * Collects the problems of a task as the editor does. New problems of a file replace those that its owner had there. What
 * was there before and is not found again goes when the task ends, or when the work in the background does.
 */
export class ProblemCollector {
  readonly #options: CollectorOptions;
  readonly #finder: ProblemFinder;
  readonly #work: BackgroundWork;
  /** By owner: files about which something of before is shown. */
  readonly #before = new Map<string, Set<string>>();
  /** By owner, file and content: what was found since work began or ended. */
  #found = new Map<string, Map<string, Map<string, Problem>>>();
  /** By row: the last problem that it has shown, among those of its file. */
  readonly #ofRows = new WeakMap<object, { problems: Map<string, Problem>; problem: Problem }>();
  /** Files of {@link #found} whose problems are not shown yet. */
  readonly #changed = new Map<string, Set<string>>();
  #lastLine = 0;

  constructor(options: CollectorOptions) {
    const { matchers, isBackground } = options;
    this.#options = options;
    this.#finder = new ProblemFinder(options.panel ? matchers : []);
    this.#work = new BackgroundWork(isBackground ? matchers : []);
    for (const { owner } of isBackground ? this.#work.atWork : matchers) this.#noteShown(owner);
  }

  /** Whether the lines show when background work is done. */
  get tellsWhenDone(): boolean {
    return this.#work.isKnown;
  }

  async push(lines: Iterable<Line>): Promise<void> {
    this.#lastLine = this.#options.now();
    for (const line of lines) {
      const begins = this.#work.begins(line.text);
      if (begins.length > 0) await this.#begin(begins);
      else if (!this.#ends(line.text)) {
        const search = this.#find(line);
        if (search) await search;
      }
    }
    this.#show();
  }

  end(): void {
    const { matchers, isBackground, now } = this.#options;
    this.#show();
    if (!isBackground) return this.#clean(...this.#before.keys());
    for (const { owner } of matchers) {
      const isRecent = now() - this.#lastLine < justNow;
      this.#noteShown(owner, isRecent ? this.#found.get(owner) : undefined);
      this.#clean(owner);
    }
  }

  async #begin(begins: readonly Begin[]): Promise<void> {
    this.#forget();
    for (const { matcher, file } of begins) {
      if (file === undefined || file === '') this.#noteShown(matcher.owner);
      else this.#filesBefore(matcher.owner).add(await this.#options.files.find(file, matcher.location));
    }
  }

  #ends(line: string): boolean {
    const ends = this.#work.ends(line);
    if (ends.length > 0) this.#forget();
    for (const { matcher, groups } of ends) {
      this.#clean(matcher.owner);
      this.#options.done(groups);
    }
    return ends.length > 0;
  }

  /** Waits only for a search: most lines have no problem. */
  #find({ text, row, isDrawnOver }: Line): Promise<void> | undefined {
    const { panel, files } = this.#options;
    const found = this.#finder.find(text, isDrawnOver);
    if (!found || !panel) return undefined;
    const { problem, matcher } = found;
    const file = files.find(problem.file, matcher.location);
    if (typeof file !== 'string') return file.then((path) => this.#add(problem, matcher, path, row));
    this.#add(problem, matcher, file, row);
    return undefined;
  }

  #add(problem: Problem, { owner, applyTo }: Matcher, file: string, row: object): void {
    this.#before.get(owner)?.delete(file);
    if (applyTo !== 'alldocuments' && this.#options.panel?.isOpen(file) !== (applyTo === 'opendocuments')) return;
    const ofOwner = valueOf(this.#found, owner, newMap<Map<string, Problem>>);
    const problems = valueOf(ofOwner, file, newMap<Problem>);
    const last = this.#ofRows.get(row);
    if (last?.problems === problems && isReworded(last.problem, problem)) problems.delete(JSON.stringify(last.problem));
    this.#ofRows.set(row, { problems, problem });
    problems.set(JSON.stringify(problem), problem);
    valueOf(this.#changed, owner, newSet).add(file);
  }

  #show(): void {
    for (const [owner, files] of this.#changed) {
      for (const file of files) {
        this.#options.panel?.show(owner, file, [...(this.#found.get(owner)?.get(file)?.values() ?? [])]);
      }
    }
    this.#changed.clear();
  }

  /** What is found from now on replaces what is shown. */
  #forget(): void {
    this.#show();
    this.#found = new Map();
  }

  #noteShown(owner: string, except?: ReadonlyMap<string, unknown>): void {
    const before = this.#filesBefore(owner);
    for (const file of this.#options.panel?.files(owner) ?? []) if (!except?.has(file)) before.add(file);
  }

  #filesBefore(owner: string): Set<string> {
    return valueOf(this.#before, owner, newSet);
  }

  #clean(...owners: string[]): void {
    for (const owner of owners) {
      for (const file of this.#before.get(owner) ?? []) this.#options.panel?.show(owner, file, []);
      this.#before.delete(owner);
    }
  }
}

function isReworded(problem: Problem, by: Problem): boolean {
  return JSON.stringify({ ...problem, message: by.message }) === JSON.stringify(by);
}

const newMap = <Value>(): Map<string, Value> => new Map();
const newSet = (): Set<string> => new Set();

function valueOf<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
