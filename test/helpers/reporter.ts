import Mocha from 'mocha';
import { writeFileSync } from 'node:fs';

/** Names the file that the report of a run is written to. */
export const reportVariable = 'TEST_REPORT';

export interface Report {
  passes: number;
  pending: number;
  failures: Trouble[];
  /** What passed only the second time, with the error of the first. */
  triedAgain: Trouble[];
}

export interface Trouble {
  title: string;
  error: string;
}

const progressEveryMs = 20_000;

/**
 * Prints what fails, at once, and besides only that it is alive; so what matters is not lost among what passes.
 * Writes a report for whoever started the run.
 */
export default class ShortReporter extends Mocha.reporters.Base {
  readonly #failures: Trouble[] = [];
  readonly #triedAgain: Trouble[] = [];
  #spokeAt = Date.now();

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on('fail', (test: Mocha.Runnable, error: unknown) => this.#note('FAILED', this.#failures, test, error));
    // A machine that is busy with something else can make a test late. It is tried once more, and never silently.
    runner.on('retry', (test: Mocha.Runnable, error: unknown) =>
      this.#note('TRIED AGAIN', this.#triedAgain, test, error),
    );
    runner.on('test end', () => this.#sayProgress());
    runner.once('end', () => this.#write());
  }

  #note(what: string, list: Trouble[], test: Mocha.Runnable, error: unknown): void {
    const trouble = { title: test.fullTitle(), error: describe(error) };
    list.push(trouble);
    this.#say(`${what}: ${trouble.title}\n${trouble.error}`);
    this.#write();
  }

  #sayProgress(): void {
    if (Date.now() - this.#spokeAt < progressEveryMs) return;
    this.#say(`${this.stats.passes} passed, ${this.stats.failures} failed so far`);
  }

  #say(text: string): void {
    this.#spokeAt = Date.now();
    Mocha.reporters.Base.consoleLog('%s', text);
  }

  #write(): void {
    const file = process.env[reportVariable];
    if (!file) return;
    const { passes, pending } = this.stats;
    const report: Report = { passes, pending, failures: this.#failures, triedAgain: this.#triedAgain };
    writeFileSync(file, JSON.stringify(report));
  }
}

/** Message and stack with what caused it, without the frames of Node and of packages. */
function describe(error: unknown): string {
  // What comes from another process has the shape of an error, but not its class.
  const { message, stack, cause } = error as Partial<Error>;
  const lines = (stack ?? message ?? String(error)).split('\n');
  const own = lines.filter((line) => !/^\s+at .*(node:|node_modules)/.test(line)).map((line) => `  ${line}`);
  return [...own, ...(cause === undefined ? [] : ['  Caused by:', describe(cause)])].join('\n');
}
