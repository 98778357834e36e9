// `npm test` builds, checks and runs all tests. `npm test -- unit host` runs only the named levels. Only failures are
// printed, and again at the end (`npx mocha test/unit/…` prints every test). The last line is `N passed, N failed`, and
// the exit code says whether anything failed.
import { execa } from 'execa';
import { join } from 'node:path';
import { provideChromium } from './editor/chromium.ts';
import { top } from './editor/places.ts';
import { installServer } from './editor/server.ts';
import { levels, runLevel, type Level } from './testing/levels.ts';
import { firstLines } from '../test/helpers/report.ts';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in levels));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. The levels are ${Object.keys(levels).join(', ')}.`);
  process.exit(2);
}

/** Maximum number of tests and files that may pass only the second time: one file in a hundred, on a busy machine. */
const maxTriedAgain = 4;
const total = { passes: 0, failures: 0 };
let triedAgain = 0;
const troubles: string[] = [];
const summary: string[] = [];

if (await step('build', ['esbuild.js'])) {
  const all = wanted.length === 0;
  // They are downloaded once, which is mostly waiting. A failure here is reported by the tests that need them.
  const editor = all ? Promise.allSettled([installServer(), provideChromium()]) : undefined;
  if (all) await check();
  for (const level of all ? (Object.keys(levels) as Level[]) : (wanted as Level[])) {
    if (level === 'extension' || level === 'e2e') await editor;
    await test(level);
  }
}

// A few late tests can be the machine's fault; more are ours.
if (triedAgain > maxTriedAgain) {
  total.failures++;
  troubles.push(`FAILED: ${triedAgain} tests passed only when they were retried; at most ${maxTriedAgain} is allowed.`);
}

// All failures are printed again at the end, where they are easy to find.
for (const trouble of troubles) console.log(`\n${trouble}`);
console.log(`\n${summary.join('\n')}\n`);
console.log(`${total.passes} passed, ${total.failures} failed`);
process.exitCode = total.failures > 0 ? 1 : 0;

/**
 * Types, lint, unused code and format. All of them run even if one fails, so that one run shows every problem. What has
 * not changed since the last run is not checked again.
 */
async function check(): Promise<void> {
  const module = (...parts: string[]) => join('node_modules', ...parts);
  const cache = (name: string) => module('.cache', name);
  const byContent = ['--cache', '--cache-strategy', 'content', '--cache-location'];
  await Promise.all([
    step('types', [module('typescript', 'bin', 'tsc'), '--incremental', '--tsBuildInfoFile', cache('types')]),
    step('types of the page', [module('typescript', 'bin', 'tsc'), '-p', join('src', 'webview')]),
    step('lint', [module('eslint', 'bin', 'eslint.js'), ...byContent, cache('lint'), '.']),
    step('unused', [module('knip', 'bin', 'knip.js')]),
    step('format', [
      module('prettier', 'bin', 'prettier.cjs'),
      ...['--check', '--log-level=warn', ...byContent, cache('format'), '.'],
    ]),
  ]);
}

async function step(name: string, args: string[]): Promise<boolean> {
  const started = Date.now();
  const { failed, all } = await execa(process.execPath, args, { cwd: top, stdin: 'ignore', all: true, reject: false });
  title(name);
  if (all) console.log(all);
  if (failed) {
    total.failures++;
    troubles.push(`FAILED ${name}\n${firstLines(all)}`);
  }
  note(`${name}: ${failed ? 'failed' : 'ok'}`, started);
  return !failed;
}

async function test(level: Level): Promise<void> {
  title(level);
  const started = Date.now();
  const { passes, pending, failures, triedAgain: again } = await runLevel(level);
  total.passes += passes;
  total.failures += failures.length;
  triedAgain += again.length;
  for (const { title, error } of failures) troubles.push(`FAILED ${level}: ${title}\n${firstLines(error)}`);
  for (const { title, error } of again) troubles.push(`RETRIED ${level}: ${title}\n${firstLines(error, 1)}`);
  note(`${level}: ${passes} passed, ${failures.length} failed, ${pending} skipped`, started);
}

function title(name: string): void {
  console.log(`\n── ${name} ${'─'.repeat(60 - name.length)}`);
}

function note(text: string, started: number): void {
  const line = `${text} (${((Date.now() - started) / 1000).toFixed(1)} s)`;
  console.log(line);
  summary.push(line);
}
