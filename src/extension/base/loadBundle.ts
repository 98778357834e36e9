import { createRequire } from 'node:module';

/** By the editor's own `require`, which knows `vscode`. @param path of a bundle of ours */
export function loadBundle(path: string): unknown {
  return createRequire(path)(path);
}
