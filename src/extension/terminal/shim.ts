import { singleQuoted } from '../../text/grammar.ts';

/** A file that runs the command line with the editor's own Node. */
export interface Shim {
  name: string;
  text: string;
  mode: number;
}

/**
 * What to put on the PATH as `bgjobs`. A desktop editor's executable is Electron, which is a Node when it is told so;
 * a server's is Node already, and does not mind. Without the `--`, Node itself looks for the file of our `--env-file`.
 */
export function bgjobsShim(platform: NodeJS.Platform, execPath: string, cliScript: string): Shim {
  if (platform === 'win32') {
    const text = ['@echo off', 'setlocal', 'set "ELECTRON_RUN_AS_NODE=1"', `"${execPath}" -- "${cliScript}" %*`, ''];
    // A percent sign in a batch file has to be doubled to stand for itself.
    return { name: 'bgjobs.cmd', text: text.join('\r\n').replaceAll(/%(?!\*)/g, '%%'), mode: 0o600 };
  }
  const text = `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${singleQuoted(execPath)} -- ${singleQuoted(cliScript)} "$@"\n`;
  return { name: 'bgjobs', text, mode: 0o755 };
}
