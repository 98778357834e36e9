import { basename } from 'node:path';

/** Shells that take a line after `-c`, as VS Code names them. */
const posixShells = ['bash', 'csh', 'fish', 'ksh', 'nu', 'pwsh', 'sh', 'xonsh', 'zsh'];
/** Programs whose lines are not shell commands. */
const noShells = ['julia', 'node', 'python'];

/**
 * The shell for which a line was typed.
 * @param type of the terminal, as the editor has found out
 * @param path of its shell, where that was chosen for this terminal
 * @param own the user's: $SHELL
 * @returns undefined for the user's own; null where no shell reads the lines
 */
export function terminalShell(
  type: string | undefined,
  path: string | undefined,
  own: string | undefined,
  platform: NodeJS.Platform,
): string | undefined | null {
  if (type === undefined) return path;
  if (noShells.includes(type)) return null;
  if (platform === 'win32' && type === 'pwsh') {
    return path !== undefined && /(pwsh|powershell)(\.exe)?$/i.test(path) ? path : 'powershell.exe';
  }
  if (platform === 'win32') return type === 'gitbash' ? 'bash' : undefined;
  if (!posixShells.includes(type)) return undefined;
  const known = [path, own].find((each) => each !== undefined && basename(each) === type);
  return known === own ? undefined : (known ?? type);
}
