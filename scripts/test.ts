// `npm test`: builds, checks and runs all tests; `npm test -- unit host` runs only the named levels. The last line is
// `N passed, N failed`, and the exit code says whether anything failed.
import { execa } from 'execa';
import { join } from 'node:path';
import { top } from './editor/places.ts';
import { levels, runLevel, type Level } from './testing/levels.ts';

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in levels));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. The levels are ${Object.keys(levels).join(', ')}.`);
  process.exit(2);
}

const total = { passes: 0, failures: 0, pending: 0 };
const summary: string[] = [];

if (!(await step('build', ['esbuild.js']))) total.failures++;
else {
  if (wanted.length === 0 && !(await check())) total.failures++;
  for (const level of wanted.length > 0 ? (wanted as Level[]) : (Object.keys(levels) as Level[])) {
    title(level);
    const started = Date.now();
    const { passes, failures, pending } = await runLevel(level);
    total.passes += passes;
    total.failures += failures;
    total.pending += pending;
    note(`${level}: ${passes} passed, ${failures} failed, ${pending} skipped`, started);
  }
}

console.log(`\n${summary.join('\n')}\n`);
console.log(`${total.passes} passed, ${total.failures} failed`);
process.exitCode = total.failures > 0 ? 1 : 0;

/** Types, lint and format: all three are run, so that one round shows everything. */
async function check(): Promise<boolean> {
  const module = (...parts: string[]) => join('node_modules', ...parts);
  const results = [
    await step('types', [module('typescript', 'bin', 'tsc')]),
    await step('lint', [module('eslint', 'bin', 'eslint.js'), '.']),
    await step('format', [module('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level=warn', '.']),
  ];
  return results.every(Boolean);
}

async function step(name: string, args: string[]): Promise<boolean> {
  title(name);
  const started = Date.now();
  const { failed } = await execa(process.execPath, args, { cwd: top, stdio: 'inherit', reject: false });
  note(`${name}: ${failed ? 'failed' : 'ok'}`, started);
  return !failed;
}

function title(name: string): void {
  console.log(`\n── ${name} ${'─'.repeat(60 - name.length)}`);
}

function note(text: string, started: number): void {
  const line = `${text} (${((Date.now() - started) / 1000).toFixed(1)} s)`;
  console.log(line);
  summary.push(line);
}
