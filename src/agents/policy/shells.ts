import { programName } from './shellCommand.ts';

/** Shells whose language the parser of bash understands. */
const posixShells: ReadonlySet<string> = new Set(
  'sh bash rbash dash ash ksh ksh93 mksh lksh pdksh oksh yash zsh'.split(' '),
);

const otherShells: ReadonlySet<string> = new Set(
  'cmd command powershell pwsh powershell_ise fish nu nushell elvish xonsh tcsh csh rc es ion osh ysh oil murex ngs'.split(
    ' ',
  ),
);

/** Those of them that have `[[`, `((` and the like: in the others these are commands like any. */
const bashLike: ReadonlySet<string> = new Set('bash rbash ksh ksh93 mksh zsh'.split(' '));

/** @param shell its path or name, as somebody has set it */
export function isPosixShell(shell: string): boolean {
  return posixShells.has(programName(shell));
}

/** @param shell its path or name */
export function isBashLike(shell: string): boolean {
  return bashLike.has(programName(shell));
}

/** @param name a program's, without its folder */
export function isOtherShell(name: string): boolean {
  return otherShells.has(name);
}
