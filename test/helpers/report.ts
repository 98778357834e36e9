import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Environment variable with the path to which the report of a run is written. */
export const reportVariable = 'TEST_REPORT';

/** The result of a test run for the program that started it. */
export interface Report {
  passes: number;
  pending: number;
  failures: Trouble[];
  /** Tests that passed only when they were retried, with the first error. */
  triedAgain: Trouble[];
  /** The number of tests that passed, by file. */
  passesOf: Record<string, number>;
}

export interface Trouble {
  title: string;
  error: string;
  /** The test file. Absent for what is not a failed test. */
  file?: string;
}

export const emptyReport: Report = { passes: 0, pending: 0, failures: [], triedAgain: [], passesOf: {} };

export function readReport(file: string): Report {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : emptyReport;
}

/** Writes the report to the path from the environment, if it is set. */
export function writeReport(report: Report): void {
  const file = process.env[reportVariable];
  if (file) writeFileSync(file, JSON.stringify(report));
}

/** Reports a failure that is not a failed test. */
export function reportFailure(title: string, error: unknown): void {
  const report = readReport(process.env[reportVariable] ?? '');
  const trouble = { title, error: describeError(error) };
  console.error(`FAILED: ${title}\n${firstLines(trouble.error)}`);
  writeReport({ ...report, failures: [...report.failures, trouble] });
}

/** Message, stack and causes, without the stack frames of Node and of packages. */
export function describeError(error: unknown): string {
  // An error from another process has the shape of an error, but not its class.
  const {
    message,
    stack,
    cause,
    suppressed,
    error: later,
  } = error as Partial<Error> & { suppressed?: unknown; error?: unknown };
  const lines = (stack ?? message ?? String(error)).split('\n');
  const own = lines.filter((line) => !/^\s+at .*(node:|node_modules)/.test(line)).map((line) => `  ${line}`);
  // When a disposal fails as well, the first error is the suppressed one.
  const others = [cause, suppressed, suppressed === undefined ? undefined : later].filter((one) => one !== undefined);
  return [...own, ...others.flatMap((one) => ['  Caused by:', describeError(one)])].join('\n');
}

/** The first lines of a text that may be very long. */
export function firstLines(text: string, count = 15): string {
  const lines = text.split('\n').map((line) => (line.length > 500 ? `${line.slice(0, 500)} …` : line));
  return lines.slice(0, count).join('\n').trimEnd();
}
