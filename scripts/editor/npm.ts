import { execa, type ExecaError } from 'execa';
import { delimiter, dirname } from 'node:path';
import { pinnedNode } from './places.ts';

/** Runs npm quietly with the pinned Node. @throws Error with the last lines of npm's output */
export async function npm(folder: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  try {
    await execa('npm', [...args, ...quiet], {
      cwd: folder,
      all: true,
      stdin: 'ignore',
      env: {
        PATH: `${dirname(pinnedNode)}${delimiter}${process.env.PATH ?? ''}`,
        // The pinned Node has its own list of certificate authorities. Those of a company are only in the system's
        // list.
        NODE_USE_SYSTEM_CA: '1',
        ...env,
      },
    });
  } catch (error) {
    const { all, shortMessage } = error as ExecaError<{ all: true }>;
    throw new Error(`npm ${args.join(' ')} failed in ${folder}:\n${tail(all) || shortMessage}`, { cause: error });
  }
}

function tail(text: string | undefined): string {
  return (text ?? '').trimEnd().split('\n').slice(-20).join('\n');
}
