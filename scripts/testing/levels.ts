import { execa } from 'execa';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, top } from '../editor/places.ts';
import { endProcessesWithEnvironment } from '../editor/processes.ts';
import { removeFolder, temporaryFolder } from '../editor/temporary.ts';
import { emptyReport, readReport, reportVariable, type Report } from '../../test/helpers/report.ts';

const node = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
const timeLimitMs = 30 * 60_000;
/** For test files that mostly wait. */
const sideBySide = ['--parallel', '--jobs', '3'];

/** The test levels, lowest first. Each is named after its folder in `test/`. */
export const levels = {
  unit: mocha('unit', ...sideBySide),
  engine: mocha('engine', ...sideBySide),
  host: mocha('host', ...sideBySide),
  torture: mocha('torture'),
  slurm: mocha('slurm', '--parallel', '--jobs', '3'),
  extension: [...node, join('test', 'extension', 'runTests.ts')],
  e2e: mocha('e2e', '--parallel', '--jobs', '2'),
};

export type Level = keyof typeof levels;

/** Runs the tests of a level. A run that is aborted, or that has no tests, counts as a failure. */
export async function runLevel(level: Level): Promise<Report> {
  if (globSync(join(top, 'test', level, '**', '*.test.ts')).length === 0) {
    return withFailure(emptyReport, `There are no tests in test/${level}.`);
  }
  const folder = temporaryFolder('bgj');
  const file = join(folder, 'report.json');
  const home = join(folder, 'home');
  try {
    const result = await execa(pinnedNode, levels[level], {
      cwd: top,
      // Temporary files that tests leave are removed with this folder. Its path is short enough for sockets.
      env: {
        [reportVariable]: file,
        [markVariable]: folder,
        BGJOBS_HOME: home,
        TMPDIR: folder,
        // Hosts and commands are started hundreds of times, mostly from source.
        NODE_COMPILE_CACHE: join(folder, 'compiled'),
      },
      stdio: 'inherit',
      reject: false,
      timeout: timeLimitMs,
    });
    const report = readReport(file);
    if (result.timedOut) return withFailure(report, `The tests did not end within ${timeLimitMs / 60_000} minutes.`);
    if (result.failed && report.failures.length === 0) {
      return withFailure(report, `The tests were aborted: ${result.shortMessage}`);
    }
    const count = report.passes + report.failures.length + report.pending;
    return count === 0 ? withFailure(report, 'No test ran.') : report;
  } finally {
    await endProcessesWithEnvironment(markVariable, folder);
    removeFolder(folder);
  }
}

function withFailure(report: Report, title: string): Report {
  console.error(title);
  return { ...report, failures: [...report.failures, { title, error: '' }] };
}

/** All processes of a run inherit this variable, so that those left behind can be found and ended. */
const markVariable = 'TEST_RUN';

function mocha(level: string, ...options: string[]): string[] {
  const reporter = join('test', 'helpers', 'reporter.ts');
  const program = join('node_modules', 'mocha', 'bin', 'mocha.js');
  return [program, '--reporter', reporter, ...options, `test/${level}/**/*.test.ts`];
}
