import type { Background, Matcher } from './matcherConfig.ts';

type Watcher = Matcher & { background: Background };

/** A matcher whose work has begun; `file` is the only one that it is about. */
export interface Begin {
  matcher: Matcher;
  file: string | undefined;
}

/** A matcher whose work has ended, and what the named groups of the line hold. */
interface End {
  matcher: Matcher;
  groups: Readonly<Record<string, string>>;
}

/** Hears from lines when work in the background begins and ends. */
export class BackgroundWork {
  readonly #watchers: readonly Watcher[];
  readonly #atWork: Set<Watcher>;

  constructor(matchers: readonly Matcher[]) {
    this.#watchers = matchers.filter((one): one is Watcher => one.background !== undefined);
    this.#atWork = new Set(this.#watchers.filter(({ background }) => background.activeOnStart));
  }

  get isKnown(): boolean {
    return this.#watchers.length > 0;
  }

  get atWork(): readonly Matcher[] {
    return [...this.#atWork];
  }

  /** Those that this line begins: it says nothing to one that is at work. */
  begins(line: string): Begin[] {
    const idle = this.#watchers.filter((one) => !this.#atWork.has(one));
    return idle.flatMap((matcher) => {
      const { begins, file } = matcher.background;
      const match = begins?.exec(line);
      if (!match) return [];
      this.#atWork.add(matcher);
      return [{ matcher, file: file === undefined ? undefined : match[file] }];
    });
  }

  /** Those whose work this line ends. */
  ends(line: string): End[] {
    return [...this.#atWork].flatMap((matcher) => {
      const match = matcher.background.ends.exec(line);
      if (!match) return [];
      this.#atWork.delete(matcher);
      return [{ matcher, groups: { ...match.groups } }];
    });
  }
}
