// What VS Code starts in the extension host when it is given as `extensionTestsPath`: mocha on the test files beside it.
import Mocha from 'mocha';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import ShortReporter from '../helpers/reporter.ts';
import { testOutputMark } from '../../scripts/editor/testOutputMark.ts';

export async function run(): Promise<void> {
  Mocha.reporters.Base.consoleLog = (...line: unknown[]) => console.log(testOutputMark + format(...line));
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, retries: 1, reporter: ShortReporter });
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' });
  for (const file of files.sort()) if (file.endsWith('.test.js')) mocha.addFile(join(__dirname, file));
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
