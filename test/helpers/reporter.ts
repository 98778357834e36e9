import Mocha from 'mocha';
import { writeFileSync } from 'node:fs';

/** Names the file that the counts of a run are written to. */
export const countsVariable = 'TEST_COUNTS';

export interface Counts {
  passes: number;
  failures: number;
  pending: number;
}

/** Mocha's own reporter, which besides writes the counts to a file for whoever started the run. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env[countsVariable];
    // A machine that is busy with something else can make a test late. It is tried once more, and never silently.
    runner.on('retry', (test: Mocha.Test, error: Error) => {
      Mocha.reporters.Base.consoleLog(`TRIED AGAIN: ${test.fullTitle()}\n${error.stack ?? error.message}`);
    });
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      if (file) writeFileSync(file, JSON.stringify({ passes, failures, pending } satisfies Counts));
    });
  }
}
