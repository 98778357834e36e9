// The entry point for a fresh clone: `node scripts/setup.mjs start|test|bench [args]`, with Node 20 or later and npm.
// It installs the npm packages if package-lock.json has changed since the last run, then runs scripts/<name>.ts with
// the pinned Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const modules = join(top, 'node_modules');
const node = join(modules, 'node', 'bin', windows ? 'node.exe' : 'node');
const stamp = join(modules, '.installed');
const progressMs = 5000;
const [name, ...args] = process.argv.slice(2);

const lock = readFileSync(join(top, 'package-lock.json'));
const hash = createHash('sha256').update(lock).digest('hex');
if (!existsSync(node) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) {
  await installPackages();
  if (!existsSync(node)) {
    console.error(
      'npm ci did not install Node in node_modules/node because its install script did not run. Allow npm to run scripts.',
    );
    process.exit(1);
  }
  writeFileSync(stamp, hash);
}
await run(node, ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', join(top, 'scripts', `${name}.ts`), ...args], false);

/** Says how far it is: npm says nothing for most of a minute. */
async function installPackages() {
  const paths = Object.keys(JSON.parse(lock.toString()).packages);
  const names = [...new Set(paths.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? []))];
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  console.log(`Installing ${names.length} npm packages (only once, takes up to a minute) …`);
  const progress = setInterval(() => {
    console.log(`  ${installedPackages(names)} of ${names.length} after ${seconds()}`);
  }, progressMs);
  // Warnings would be about packages that want a newer Node. They get the pinned one.
  // npm may already run with the pinned Node, which should trust the same certificates as the system.
  const options = ['--prefer-offline', '--no-fund', '--no-audit', '--no-progress', '--loglevel=error'];
  await run('npm', ['ci', ...options], windows, { NODE_USE_SYSTEM_CA: '1' });
  clearInterval(progress);
  console.log(`Installed the npm packages in ${seconds()}.`);
}

/** npm makes all folders first, and fills them then. */
function installedPackages(names) {
  return names.filter((one) => existsSync(join(modules, one, 'package.json'))).length;
}

function run(command, parameters, shell, extraEnv = {}) {
  const path = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path, ...extraEnv };
  const child = spawn(command, parameters, { cwd: top, stdio: 'inherit', shell, env });
  // Ctrl+C goes to the child as well, which ends in its own time.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`Could not start ${command}: ${error.message}`);
      process.exit(1);
    });
    child.once('close', (code) => (code === 0 ? resolve() : process.exit(code ?? 1)));
  });
}
