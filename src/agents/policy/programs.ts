import { programName, type CommandWord } from './shellCommand.ts';

/** How a program takes another command in its arguments. */
export interface Wrapper {
  /** Letters of the options without and with a value. */
  readonly flags?: string;
  readonly values?: string;
  /** Long options; those with a value end with `=`. */
  readonly long?: string;
  /** Number of arguments before the command. */
  readonly operands?: number;
  /** NAME=value may precede the command. */
  readonly assigns?: true;
  /** The command gets more arguments, which are unknown. */
  readonly appends?: true;
  /** Running a command in it needs a permission of its own. */
  readonly isPrivileged?: true;
}

const env: Wrapper = { flags: 'i0v', values: 'uC', assigns: true, long: 'ignore-environment null unset= chdir= debug' };
const timeout: Wrapper = {
  flags: 'fpv',
  values: 'ks',
  operands: 1,
  long: 'kill-after= signal= foreground preserve-status verbose',
};

/** Programs that can be unwrapped, with their options as documented by GNU, BSD and busybox. */
const wrappers = new Map<string, Wrapper>([
  ...['builtin', 'noglob', 'nocorrect', '-', '{', 'nohup'].map((name): [string, Wrapper] => [name, {}]),
  ...Object.entries<Wrapper>({
    command: { flags: 'p' },
    exec: { flags: 'cl', values: 'a' },
    repeat: { operands: 1 },
    time: { flags: 'pvql', long: 'portability verbose quiet' },
    nice: { flags: '0123456789', values: 'n', long: 'adjustment=' },
    ionice: { flags: 't', values: 'cn', long: 'class= classdata= ignore' },
    stdbuf: { values: 'ioe', long: 'input= output= error=' },
    setsid: { flags: 'cfw', long: 'ctty fork wait' },
    timeout,
    gtimeout: timeout,
    caffeinate: { flags: 'disum', values: 'tw' },
    env,
    genv: env,
    xargs: {
      isPrivileged: true,
      flags: '0rtxpo',
      values: 'adEILnPsR',
      appends: true,
      long: 'null no-run-if-empty verbose exit max-args= max-procs= max-lines= delimiter= arg-file= replace= eof= interactive',
    },
    sudo: {
      isPrivileged: true,
      flags: 'ABbEeHiKklNnPSsVv',
      values: 'CDghpRrtTUu',
      assigns: true,
      long: 'user= group= host= prompt= chdir= chroot= close-from= preserve-env preserve-env= set-home login shell stdin non-interactive background askpass',
    },
    doas: { isPrivileged: true, flags: 'nsL', values: 'aCu' },
    pkexec: { isPrivileged: true, long: 'user= disable-internal-agent keep-cwd' },
    chroot: { isPrivileged: true, operands: 1, long: 'userspec= groups= skip-chdir' },
    busybox: { isPrivileged: true },
    toybox: { isPrivileged: true },
  }),
]);

function setOf(names: string): ReadonlySet<string> {
  return new Set(names.trim().split(/\s+/));
}

/** Programs that run other commands in ways that are not followed: any argument may start one. */
const opaque = setOf(`
  su runuser unshare nsenter setpriv setarch linux32 linux64 chrt taskset numactl cgexec firejail bwrap proot
  fakeroot fakechroot strace ltrace gdb lldb valgrind perf script watch entr parallel sem flock systemd-run
  dbus-run-session dbus-launch unbuffer expect rlwrap catchsegv eatmydata choom prlimit softlimit torsocks torify
  proxychains proxychains4 at batch crontab xvfb-run tini dumb-init gosu su-exec start-stop-daemon daemonize
  screen tmux nohup-run trickle ccache distcc ld.so fd fdfind winpty start runas psexec forfiles wsl launchctl
  trap alias enable hash bind complete fc source .
`);

/** Builtins that change the meaning of words after them. */
const changers = setOf(`
  unalias shopt setopt unsetopt export declare typeset local readonly unset read readarray mapfile getopts let
  autoload zmodload functions
`);

/** Shells with another language. By name, without a folder. */
const otherShells = setOf(`
  cmd command powershell pwsh powershell_ise fish nu nushell elvish xonsh tcsh csh rc es ion osh ysh oil murex ngs
`);

export const programs = { wrappers, opaque, changers, otherShells };

/** @returns the index at which the inner command starts; null when it is unknown */
export function commandStart(words: readonly CommandWord[], wrapper: Wrapper): number | null {
  let index = 1;
  for (; index < words.length; index++) {
    const word = words[index]?.value ?? null;
    if (word === null) return null;
    if (word === '-' && wrapper.assigns) continue;
    if (!word.startsWith('-') || word === '-') break;
    if (word === '--') {
      index++;
      break;
    }
    const taken = word.startsWith('--') ? longOption(word.slice(2), wrapper) : shortOptions(word.slice(1), wrapper);
    if (taken === null) return null;
    index += taken;
  }
  for (let count = 0; count < (wrapper.operands ?? 0); count++, index++) {
    if (words[index]?.value === null) return null;
  }
  while (wrapper.assigns && /^\w+=/.test(words[index]?.value ?? '')) index++;
  return Math.min(index, words.length);
}

/** @returns the number of words after the option that belong to it; null for an unknown option */
function longOption(option: string, wrapper: Wrapper): number | null {
  const long = (wrapper.long ?? '').split(' ');
  const [name = ''] = option.split('=', 1);
  if (option.includes('=')) return long.includes(name) || long.includes(`${name}=`) ? 0 : null;
  if (long.includes(name)) return 0;
  return long.includes(`${name}=`) ? 1 : null;
}

function shortOptions(letters: string, { flags = '', values = '' }: Wrapper): number | null {
  for (const [index, letter] of [...letters].entries()) {
    if (values.includes(letter)) return index === letters.length - 1 ? 1 : 0;
    if (!flags.includes(letter)) return null;
  }
  return 0;
}

/** Shells whose language the bash parser understands. */
const posixShells = setOf('sh bash rbash dash ash ksh ksh93 mksh lksh pdksh oksh yash zsh');

/** The ones with `[[`, `((` and the like; in the others these are ordinary commands. */
const bashLikeShells = setOf('bash rbash ksh ksh93 mksh zsh');

/** @param shell path or name */
export function isPosixShell(shell: string): boolean {
  return posixShells.has(programName(shell));
}

/** @param shell path or name */
export function isBashLike(shell: string): boolean {
  return bashLikeShells.has(programName(shell));
}
