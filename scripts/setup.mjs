// The entry point for a fresh clone: `node scripts/setup.mjs start|test|bench [args]`, with Node 20 or later and npm.
// It installs the npm packages if package-lock.json has changed since the last run, then runs scripts/<name>.ts with
// the pinned Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const node = join(top, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
const stamp = join(top, 'node_modules', '.installed');
const [name, ...args] = process.argv.slice(2);

const lock = createHash('sha256')
  .update(readFileSync(join(top, 'package-lock.json')))
  .digest('hex');
if (!existsSync(node) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.log('Installing the npm packages …');
  // npm may already run with the pinned Node, which should trust the same certificates as the system.
  run('npm', ['ci', '--no-fund', '--no-audit'], windows, { NODE_USE_SYSTEM_CA: '1' });
  if (!existsSync(node)) {
    console.error(
      'npm ci did not install Node in node_modules/node because its install script did not run. Allow npm to run scripts.',
    );
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}
run(node, ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', join(top, 'scripts', `${name}.ts`), ...args], false);

function run(command, parameters, shell, extraEnv = {}) {
  const path = [dirname(node), join(top, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const result = spawnSync(command, parameters, {
    cwd: top,
    stdio: 'inherit',
    shell,
    env: { ...process.env, PATH: path, ...extraEnv },
  });
  if (result.error) console.error(`Could not start ${command}: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}
