/** How a program takes another command as its arguments. */
export interface Wrapper {
  /** Letters of options without and with a value. */
  readonly flags: string;
  readonly values: string;
  /** Long options: a name, with `=` behind it when it takes a value. */
  readonly long: readonly string[];
  /** Arguments before the command. */
  readonly operands: number;
  /** NAME=value may stand before the command. */
  readonly assigns: boolean;
  /** The command gets more arguments, which are not known here. */
  readonly appends: boolean;
  /** It does nothing to the command that would have to be allowed as well. */
  readonly isHarmless: boolean;
}

function wrapper(options: Partial<Omit<Wrapper, 'long'>> & { long?: string } = {}): Wrapper {
  const { long = '', ...rest } = options;
  const usual = { flags: '', values: '', operands: 0, assigns: false, appends: false, isHarmless: true };
  return { ...usual, ...rest, long: long.split(' ') };
}

const precommand = wrapper();
const privileged = { isHarmless: false } as const;

/** Those that can be seen through: by their documented options, as GNU, BSD and busybox have them. */
export const wrappers: ReadonlyMap<string, Wrapper> = new Map([
  ['command', wrapper({ flags: 'p' })],
  ['builtin', precommand],
  ['exec', wrapper({ flags: 'cl', values: 'a' })],
  ['noglob', precommand],
  ['nocorrect', precommand],
  ['-', precommand],
  ['{', precommand],
  ['repeat', wrapper({ operands: 1 })],
  ['nohup', precommand],
  ['time', wrapper({ flags: 'pvql', long: 'portability verbose quiet' })],
  ['nice', wrapper({ flags: '0123456789', values: 'n', long: 'adjustment=' })],
  ['ionice', wrapper({ flags: 't', values: 'cn', long: 'class= classdata= ignore' })],
  ['stdbuf', wrapper({ values: 'ioe', long: 'input= output= error=' })],
  ['setsid', wrapper({ flags: 'cfw', long: 'ctty fork wait' })],
  ['timeout', gnuTimeout()],
  ['gtimeout', gnuTimeout()],
  ['caffeinate', wrapper({ flags: 'disum', values: 'tw' })],
  ['env', wrapper({ flags: 'i0v', values: 'uC', assigns: true, long: 'ignore-environment null unset= chdir= debug' })],
  ['genv', wrapper({ flags: 'i0v', values: 'uC', assigns: true, long: 'ignore-environment null unset= chdir= debug' })],
  [
    'xargs',
    wrapper({
      ...privileged,
      flags: '0rtxpo',
      values: 'adEILnPsR',
      appends: true,
      long: 'null no-run-if-empty verbose exit max-args= max-procs= max-lines= delimiter= arg-file= replace= eof= interactive',
    }),
  ],
  [
    'sudo',
    wrapper({
      ...privileged,
      flags: 'ABbEeHiKklNnPSsVv',
      values: 'CDghpRrtTUu',
      assigns: true,
      long: 'user= group= host= prompt= chdir= chroot= close-from= preserve-env preserve-env= set-home login shell stdin non-interactive background askpass',
    }),
  ],
  ['doas', wrapper({ ...privileged, flags: 'nsL', values: 'aCu' })],
  ['pkexec', wrapper({ ...privileged, long: 'user= disable-internal-agent keep-cwd' })],
  ['chroot', wrapper({ ...privileged, operands: 1, long: 'userspec= groups= skip-chdir' })],
  ['busybox', wrapper(privileged)],
  ['toybox', wrapper(privileged)],
]);

/** Those that run other commands in ways that are not followed: each of their arguments might begin one. */
export const opaque: ReadonlySet<string> = new Set(
  (
    'su runuser unshare nsenter setpriv setarch linux32 linux64 chrt taskset numactl cgexec firejail bwrap proot ' +
    'fakeroot fakechroot strace ltrace gdb lldb valgrind perf script watch entr parallel sem flock systemd-run ' +
    'dbus-run-session dbus-launch unbuffer expect rlwrap catchsegv eatmydata choom prlimit softlimit torsocks torify ' +
    'proxychains proxychains4 at batch crontab xvfb-run tini dumb-init gosu su-exec start-stop-daemon daemonize ' +
    'screen tmux nohup-run trickle ccache distcc ld.so fd fdfind winpty start runas psexec forfiles wsl launchctl ' +
    'trap alias enable hash bind complete fc source .'
  ).split(' '),
);

/** Builtins that change what the words behind them mean. */
export const changers: ReadonlySet<string> = new Set(
  (
    'unalias shopt setopt unsetopt export declare typeset local readonly unset read readarray mapfile getopts let ' +
    'autoload zmodload functions'
  ).split(' '),
);

function gnuTimeout(): Wrapper {
  return wrapper({
    flags: 'fpv',
    values: 'ks',
    operands: 1,
    long: 'kill-after= signal= foreground preserve-status verbose',
  });
}
