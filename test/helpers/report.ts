import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Names the file that the report of a run is written to. */
export const reportVariable = 'TEST_REPORT';

/** What a run of tests tells whoever has started it. */
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

export const emptyReport: Report = { passes: 0, pending: 0, failures: [], triedAgain: [] };

export function readReport(file: string): Report {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : emptyReport;
}

/** To where the environment says, if it does. */
export function writeReport(report: Report): void {
  const file = process.env[reportVariable];
  if (file) writeFileSync(file, JSON.stringify(report));
}

/** Says that something else than a test has failed. */
export function reportFailure(title: string, error: unknown): void {
  const report = readReport(process.env[reportVariable] ?? '');
  const trouble = { title, error: describeError(error) };
  console.error(`FAILED: ${title}\n${firstLines(trouble.error)}`);
  writeReport({ ...report, failures: [...report.failures, trouble] });
}

/** Message and stack with what caused it, without the frames of Node and of packages. */
export function describeError(error: unknown): string {
  // What comes from another process has the shape of an error, but not its class.
  const { message, stack, cause } = error as Partial<Error>;
  const lines = (stack ?? message ?? String(error)).split('\n');
  const own = lines.filter((line) => !/^\s+at .*(node:|node_modules)/.test(line)).map((line) => `  ${line}`);
  return [...own, ...(cause === undefined ? [] : ['  Caused by:', describeError(cause)])].join('\n');
}

/** The beginning of a text, which may be very long. */
export function firstLines(text: string, count = 15): string {
  const lines = text.split('\n').map((line) => (line.length > 500 ? `${line.slice(0, 500)} …` : line));
  return lines.slice(0, count).join('\n').trimEnd();
}
