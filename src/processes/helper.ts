import { execFile, spawnSync } from 'node:child_process';

/** Runs a helper program and gives its stdout, whatever its exit code; empty when it cannot be run. */
export interface Helper {
  run(file: string, args: readonly string[]): Promise<string>;
  runSync(file: string, args: readonly string[]): string;
}

/** Node's own functions: the host does not have to carry a library for what it needs on a few systems alone. */
export function createHelper(env: NodeJS.ProcessEnv): Helper {
  const options = { env, windowsHide: true, encoding: 'utf8', maxBuffer: Infinity } as const;
  return {
    run: (file, args) =>
      new Promise((resolve) => {
        execFile(file, args, options, (_error, stdout) => resolve(stdout)).stdin?.end();
      }),
    runSync: (file, args) => spawnSync(file, args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] }).stdout ?? '',
  };
}
