import { join } from 'node:path';

/** The top folder of the checkout. */
export const top = join(import.meta.dirname, '..', '..');

/** Downloaded editors and other files that can be downloaded again; not in git. */
export const cache = join(top, '.vscode-test');

export const screenshots = join(top, 'out', 'screenshots');

/** The pinned Node. It runs the scripts, the tests and the VS Code server. */
export const pinnedNode = join(top, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
