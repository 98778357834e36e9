// `runTests({ vscodeExecutablePath })` of @vscode/test-electron starts this program instead of VS Code, with the
// arguments of VS Code. It runs the tests in the extension host of a VS Code server whose workbench is open in a
// headless Chromium, and exits with their exit code.
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { format, parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { reportFailure } from '../../test/helpers/report.ts';
import { launchChromium } from './chromium.ts';
import { onInterrupt } from './interrupt.ts';
import { screenshots, top } from './places.ts';
import { serve, type RunningServer } from './serve.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';
import { testOutputMark } from './testOutputMark.ts';

const timeLimitMs = Number(process.env.EDITOR_TEST_TIMEOUT_MS ?? 20 * 60_000);
const log = join(top, 'out', 'extension-tests.log');

const { values, positionals } = parseArgs({
  strict: false, // the other arguments of VS Code are ignored
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: 'string' },
    extensionTestsPath: { type: 'string' },
    'user-data-dir': { type: 'string' },
    'extensions-dir': { type: 'string' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  mkdirSync(join(top, 'out'), { recursive: true });
  rmSync(log, { force: true });
  const own = temporaryFolder('bgj');
  const folder = positionals[0] ?? own;
  try {
    await using resources = new AsyncDisposableStack();
    const dataDir = join(own, 'server');
    // Without files of shells, which may do anything when a terminal begins.
    const env = { HOME: join(own, 'user') };
    mkdirSync(env.HOME);
    const server = await serve({ dataDir, settings: settings(), extensions: extensions(), testDriver: true, env });
    resources.defer(() => server.stop());
    onInterrupt(() => void server.stop());
    const browser = await launchChromium();
    resources.defer(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    return await Promise.race([runTests(page, server, folder), failWhenEnded(server)]);
  } catch (error) {
    reportFailure('The editor broke off.', error);
    return 1;
  } finally {
    removeFolder(own);
  }
}

function settings(): Record<string, unknown> {
  const file = join(argument('user-data-dir'), 'User', 'settings.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
}

function extensions(): string[] {
  const folder = argument('extensions-dir');
  return globSync('*/package.json', { cwd: folder }).map((manifest) => join(folder, manifest, '..'));
}

function argument(name: string): string {
  const value = values[name];
  return typeof value === 'string' ? value : '';
}

/** @returns the exit code of the tests */
async function runTests(page: Page, server: RunningServer, folder: string): Promise<number> {
  const ended = Promise.withResolvers<number>();
  await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => print(type, args));
  await page.exposeFunction('codeAutomationExit', (code: number) => ended.resolve(code));
  page.once('crash', () => ended.reject(new Error('The workbench page crashed.')));
  const timeout = new Error(`The tests did not end within ${timeLimitMs / 1000} s.`);
  const timer = setTimeout(() => ended.reject(timeout), timeLimitMs);
  try {
    await page.goto(
      server.url(folder, [
        ['extensionDevelopmentPath', server.remote(argument('extensionDevelopmentPath'))],
        ['extensionTestsPath', server.remote(argument('extensionTestsPath'))],
        ['skipWelcome', 'true'],
      ]),
    );
    return await ended.promise;
  } catch (error) {
    const path = join(screenshots, 'extension-tests.png');
    await page.screenshot({ path }).catch(() => undefined);
    console.error(`Screenshot of the workbench: ${path}\nIts console output: ${log}`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function failWhenEnded(server: RunningServer): Promise<never> {
  await server.ended;
  throw new Error(`The VS Code server ended before the tests.\n${server.output()}`);
}

/** Prints the lines of the tests, and writes all lines to a file. */
function print(type: string, args: unknown[]): void {
  const line = format(...args);
  appendFileSync(log, `${type}: ${line}\n`);
  if (line.startsWith(testOutputMark)) console.log(line.slice(testOutputMark.length));
}
