// Bundles the tests of this folder and runs them in the extension host of a real VS Code: the desktop editor where one
// can be had, else the VS Code server in a headless browser. Exits non-zero when one fails. Names of files run only those:
// `node test/extension/runTests.ts output.test.ts`.
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { desktopForTests, type Desktop } from '../../scripts/editor/desktop.ts';
import { top } from '../../scripts/editor/places.ts';
import { endProcessesWithEnvironment } from '../../scripts/editor/processes.ts';
import { publicProject } from '../../scripts/testing/publicProject.ts';
import { removeFolder, temporaryFolder } from '../../scripts/editor/temporary.ts';
import { quietSettings } from '../helpers/settings.ts';

const wanted = process.argv.slice(2);
const bundles = join(top, 'out', 'test', 'extension');
const server: Desktop = { command: join(top, 'scripts', 'editor', 'launcher.sh'), before: [] };

await bundleTests();
const folder = temporaryFolder('bgj');
const home = join(folder, 'home');
try {
  const editor = (await desktopForTests()) ?? server;
  await runTests({
    vscodeExecutablePath: editor.command,
    launchArgs: [...editor.before, ...profileArguments()],
    extensionDevelopmentPath: top,
    extensionTestsPath: join(bundles, 'index.js'),
    extensionTestsEnv: { BGJOBS_HOME: home, PUBLIC_PROJECT: await publicProject() },
  });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await endProcessesWithEnvironment('BGJOBS_HOME', home);
  removeFolder(folder);
}

async function bundleTests(): Promise<void> {
  removeFolder(bundles);
  await build({
    entryPoints: globSync(['index.ts', ...(wanted.length > 0 ? wanted : ['**/*.test.ts'])], {
      cwd: import.meta.dirname,
    }),
    absWorkingDir: import.meta.dirname,
    outdir: bundles,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

/** A fresh profile and an empty workspace. */
function profileArguments(): string[] {
  const workspace = join(folder, 'workspace');
  const userData = join(folder, 'user');
  mkdirSync(workspace);
  mkdirSync(join(userData, 'User'), { recursive: true });
  writeFileSync(join(userData, 'User', 'settings.json'), JSON.stringify(quietSettings));
  return [workspace, `--user-data-dir=${userData}`, `--extensions-dir=${join(folder, 'extensions')}`];
}
