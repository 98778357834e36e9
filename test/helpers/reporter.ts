import Mocha from 'mocha';
import { describeError, writeReport, type Trouble } from './report.ts';

const progressEveryMs = 30_000;

/**
 * Prints failures at once, and otherwise only shows progress, so that failures stand out. Writes a report for the
 * program that started the run.
 */
export default class ShortReporter extends Mocha.reporters.Base {
  readonly #failures: Trouble[] = [];
  readonly #triedAgain: Trouble[] = [];
  readonly #passesOf: Record<string, number> = {};
  #spokeAt = Date.now();

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on('fail', (test: Mocha.Runnable, error: unknown) => this.#note('FAILED', this.#failures, test, error));
    // On a busy machine a test can be late. It is retried once, and this is always reported.
    runner.on('retry', (test: Mocha.Runnable, error: unknown) => this.#note('RETRIED', this.#triedAgain, test, error));
    runner.on('pass', ({ file = '' }: Mocha.Test) => (this.#passesOf[file] = (this.#passesOf[file] ?? 0) + 1));
    runner.on('test end', () => this.#sayProgress());
    runner.once('end', () => this.#write());
  }

  #note(what: string, list: Trouble[], test: Mocha.Runnable, error: unknown): void {
    const file = test.file === undefined ? {} : { file: test.file };
    const trouble = { title: test.fullTitle(), error: describeError(error), ...file };
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
    const { passes, pending } = this.stats;
    const failed = new Set(this.#failures.map(({ title }) => title));
    const triedAgain = this.#triedAgain.filter(({ title }) => !failed.has(title));
    writeReport({ passes, pending, failures: this.#failures, triedAgain, passesOf: this.#passesOf });
  }
}
