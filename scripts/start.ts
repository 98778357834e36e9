// `npm start` builds the extension and opens an editor with it on a copy of the sample project. The editor is the
// desktop VS Code of this machine or, if there is none or with `--port N`, a VS Code server for the browser.
import { execa } from 'execa';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { desktopForUse, type Desktop } from './editor/desktop.ts';
import { editorEnvironment } from './editor/environment.ts';
import { isFree } from './editor/freePort.ts';
import { onInterrupt } from './editor/interrupt.ts';
import { cache, pinnedNode, top } from './editor/places.ts';
import { serve } from './editor/serve.ts';
import { removeFolder, temporaryFolder } from './editor/temporary.ts';

const { values } = parseArgs({ options: { port: { type: 'string' } } });
const sample = join(cache, 'sample');

try {
  console.log('Building the extension …');
  await execa(pinnedNode, [join(top, 'esbuild.js')], { cwd: top, stdio: 'inherit' });
  cpSync(join(top, 'sample'), sample, { recursive: true });
  const desktop = values.port === undefined ? desktopForUse() : undefined;
  await (desktop ? openDesktop(desktop) : openServer(values.port));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function openDesktop({ command, before }: Desktop): Promise<void> {
  console.log(`Opening ${sample} in ${command} with the extension`);
  const args = [...before, `--extensionDevelopmentPath=${top}`, '--disable-workspace-trust', '--new-window', sample];
  await execa(command, args, { env: editorEnvironment(), extendEnv: false, stdio: 'inherit' });
}

async function openServer(port: string | undefined): Promise<void> {
  const dataDir = temporaryFolder('bgjobs-start');
  try {
    // The sample is inside this repository but not part of it.
    console.log('Starting the VS Code server …');
    const settings = { 'workbench.startupEditor': 'readme', 'git.openRepositoryInParentFolders': 'never' };
    const server = await serve({
      dataDir,
      extensions: [top],
      settings,
      ...(port && { port: await checkedPort(port) }),
    });
    onInterrupt(() => {
      console.log('\nStopping the VS Code server …');
      void server.stop();
    });
    console.log(`\nOpen ${server.url(sample)}\n\nPress Ctrl+C to stop the server. Running jobs keep running.`);
    await server.ended;
    await server.stop();
  } finally {
    removeFolder(dataDir);
  }
}

async function checkedPort(text: string): Promise<number> {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`--port ${text} is not a port number.`);
  if (!(await isFree(port))) throw new Error(`Port ${port} is in use. Choose another port: npm start -- --port N`);
  return port;
}
