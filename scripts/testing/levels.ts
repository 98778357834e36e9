import { execa } from 'execa';
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pinnedNode, top } from '../editor/places.ts';
import { endProcessesWithEnvironment } from '../editor/processes.ts';
import { removeFolder, temporaryFolder } from '../editor/temporary.ts';
import { emptyReport, readReport, reportVariable, type Report, type Trouble } from '../../test/helpers/report.ts';

const node = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
const timeLimitMs = 45 * 60_000;
/** For test files that mostly wait. */
const sideBySide = ['--parallel', '--jobs', '3'];
/** For files whose tests are the steps of one story: one step cannot be tried again in the state that it left. */
const story = ['--retries', '0', '--timeout', '300000'];
/** More files than this have not failed because the machine was busy. */
const mostFilesAgain = 4;

/** The test levels, lowest first. Each is named after its folder in `test/`. */
export const levels = {
  unit: mocha('unit', ...sideBySide),
  engine: mocha('engine', ...sideBySide),
  host: mocha('host', ...sideBySide),
  torture: mocha('torture'),
  slurm: mocha('slurm', ...sideBySide, ...story),
  windows: mocha('windows', ...story),
  extension: [...node, join('test', 'extension', 'runTests.ts')],
  e2e: mocha('e2e', '--parallel', '--jobs', '2', ...story),
};

export type Level = keyof typeof levels;

const stories: readonly Level[] = ['slurm', 'e2e'];

/**
 * Runs the tests of a level. A run that is aborted, or that has no tests, counts as a failure. Files of stories
 * that have failed run once more, alone, and the second result counts.
 */
export async function runLevel(level: Level): Promise<Report> {
  if (globSync(join(top, 'test', level, '**', '*.test.ts')).length === 0) {
    return withFailure(emptyReport, `There are no tests in test/${level}.`);
  }
  const first = await runOnce(levels[level]);
  const files = new Set(first.failures.map(({ file }) => file));
  const again = [...files].filter((file) => file !== undefined);
  const mayBeLate = again.length > 0 && again.length === files.size && again.length <= mostFilesAgain;
  if (!stories.includes(level) || !mayBeLate) return first;
  console.log(`Once more, alone: ${again.map((file) => relative(top, file)).join(', ')}`);
  const second = await runOnce(mochaOn(again, ...story));
  const passedBefore = again.reduce((sum, file) => sum + (first.passesOf[file] ?? 0), 0);
  const failedAgain = new Set(second.failures.map(({ file }) => file));
  return {
    ...first,
    passes: first.passes - passedBefore + second.passes,
    failures: second.failures,
    triedAgain: [...first.triedAgain, ...firstOfEach(first.failures.filter(({ file }) => !failedAgain.has(file)))],
  };
}

/** The first trouble of each file, from which the others may have followed. */
function firstOfEach(troubles: readonly Trouble[]): Trouble[] {
  return troubles.filter(({ file }, index) => troubles.findIndex((one) => one.file === file) === index);
}

async function runOnce(args: readonly string[]): Promise<Report> {
  const folder = temporaryFolder('bgj');
  const file = join(folder, 'report.json');
  const home = join(folder, 'home');
  try {
    const result = await execa(pinnedNode, args, {
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
  return mochaOn([`test/${level}/**/*.test.ts`], ...options);
}

function mochaOn(files: readonly string[], ...options: string[]): string[] {
  const reporter = join('test', 'helpers', 'reporter.ts');
  const program = join('node_modules', 'mocha', 'bin', 'mocha.js');
  return [program, '--reporter', reporter, ...options, ...files];
}
