import { spawnSync } from 'node:child_process';
import { otherName } from './census.ts';
import { shell, shapes, type Shape, type TreeView } from '../helpers/engine/treeShapes.ts';

/** Perl: starts a daemon as the books say, and waits for its parent. */
const daemonize = `if (!fork) {
  POSIX::setsid();
  fork and POSIX::_exit(0);
  chdir "/";
  POSIX::close($_) for 0..63;
  exec "sleep", $ARGV[0];
}
wait`;

export interface HardShape extends Omit<Shape, 'exit' | 'escalates'> {
  /** Whether this machine can have such a tree. Default: it can. */
  isPossible?: () => boolean;
}

const perl =
  (script: string) =>
  (seconds: string): string[] => ['perl', '-MPOSIX', '-e', script, seconds];

/** A system call that perl has no name for: prctl(PR_SET_CHILD_SUBREAPER, 1). */
const becomeSubreaper = `syscall ${process.arch === 'arm64' ? 167 : 157}, 36, 1, 0, 0, 0;`;

/** For trees whose root has exited: the run is over, and this many processes are left. */
const left =
  (count: number) =>
  (tree: TreeView): boolean =>
    tree.exit === 0 && tree.sleepers().length === count && tree.alive().length === count;

const works = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;

const more: HardShape[] = [
  { name: 'a child and a grandchild', command: shell('sh -c "SLEEP & SLEEP; :" & SLEEP; :'), ready: 3 },
  { name: 'subshells in subshells', command: shell('(((SLEEP; :) & (SLEEP; :)) & SLEEP; :); :'), ready: 3 },
  { name: 'twenty deep', command: shell('f() { [ $1 = 0 ] && SLEEP || (f $(($1 - 1)); :); }; f 20'), ready: 1 },
  { name: 'a chain of exec', command: shell('exec sh -c \'exec env nice sh -c "exec SLEEP"\''), ready: 1 },
  {
    name: 'two that start each other again',
    command: perl(`$SIG{TERM} = $SIG{INT} = "IGNORE";
      while (1) {
        my $pid = fork;
        if ($pid) { waitpid $pid, 0; next; }
        my $parent = getppid;
        syswrite STDOUT, ".";
        select undef, undef, undef, 0.01 while getppid == $parent;
      }`),
    ready: ({ stdout }) => stdout !== '',
  },
  {
    name: 'a parent that leaves zombies',
    command: perl('for (1..20) { fork or POSIX::_exit(0); } syswrite STDOUT, "."; sleep $ARGV[0]'),
    ready: ({ stdout }) => stdout !== '',
  },
  {
    name: 'a program that renames itself',
    command: perl('$0 = "renamed $ARGV[0]"; syswrite STDOUT, "."; sleep $ARGV[0]'),
    ready: ({ stdout }) => stdout !== '',
  },
  {
    name: 'a program under another name',
    command: (seconds) => ['bash', '-c', `exec -a "${otherName}" sleep ${seconds}`],
    ready: 1,
  },
  {
    name: 'a child that makes a group of its own',
    command: perl('fork or do { setpgrp; exec "sleep", $ARGV[0] }; wait'),
    ready: 1,
  },
  {
    name: 'a child by posix_spawn',
    command: (seconds) => [
      ...['python3', '-c'],
      `import os, time; os.posix_spawnp("sleep", ["sleep", "${seconds}"], os.environ); time.sleep(1e6)`,
    ],
    ready: 1,
    isPossible: () => works('python3', '-c', 'import os; os.posix_spawnp'),
  },
  {
    name: 'a daemon below a subreaper',
    command: perl(`${becomeSubreaper}
      if (!fork) {
        fork and POSIX::_exit(0);
        POSIX::setsid();
        exec "sleep", $ARGV[0];
      }
      while (1) { wait; sleep 1; }`),
    ready: 1,
  },
  {
    name: 'a namespace of process ids',
    command: (seconds) => ['unshare', '--pid', '--fork', 'sh', '-c', `sleep ${seconds} & sleep ${seconds}; :`],
    ready: 2,
    isPossible: () => works('unshare', '--pid', '--fork', 'true'),
  },
  {
    name: 'a child in a session of its own with all descriptors closed',
    command: shell('setsid sh -c "exec <&- >&- 2>&-; SLEEP; :" & SLEEP; :'),
    ready: 2,
  },
  {
    name: 'a daemon by the book',
    command: perl(`${daemonize}; sleep $ARGV[0]`),
    ready: 1,
  },
  {
    name: 'a daemon by the book whose root has exited',
    command: perl(daemonize),
    ready: left(1),
    rootEnds: true,
  },
  {
    name: 'an orphan in the group of a root that has exited',
    command: shell('SLEEP & :'),
    ready: left(1),
    rootEnds: true,
  },
  {
    name: 'a daemon that cleared its environment, its output still in the log, whose root has exited',
    command: shell('env -i /usr/bin/setsid /bin/sh -c "SLEEP &"; :'),
    ready: left(1),
    rootEnds: true,
  },
  {
    name: 'a daemon that cleared its environment and opened the log itself',
    command: shell(
      `log=$(readlink /proc/$$/fd/1)
       env -i /usr/bin/setsid /bin/sh -c "SLEEP 3>>$log >/dev/null 2>&1 &" >/dev/null 2>&1; SLEEP; :`,
    ),
    ready: 2,
  },
  {
    name: 'a daemon that cleared its environment and left the log',
    command: shell('env -i /usr/bin/setsid /bin/sh -c "SLEEP &" >/dev/null 2>&1; SLEEP; :'),
    ready: 2,
  },
  {
    name: 'a folder that was removed under it',
    command: shell('d=$(mktemp -d); cd $d; rmdir $d; SLEEP & SLEEP; :'),
    ready: 2,
  },
  {
    name: 'a stopped child',
    command: shell('SLEEP & kill -STOP $!; SLEEP; :'),
    // It can be stopped before it has loaded its program.
    ready: (tree) => tree.sleepers().length > 0 && tree.alive().some(({ stat }) => stat.startsWith('T')),
  },
  {
    name: 'a clean-up that never ends',
    command: shell("trap 'SLEEP & wait' TERM INT; SLEEP & wait; wait"),
    ready: 1,
  },
  {
    name: 'a successor in a session of its own that is started when the signal comes',
    command: shell("trap 'setsid SLEEP & exit 0' TERM INT; SLEEP & wait"),
    ready: 1,
  },
  {
    name: 'ignores every signal',
    command: shell('trap "" HUP INT QUIT TERM USR1 USR2; SLEEP & SLEEP; :'),
    ready: 2,
  },
  {
    name: 'four at once by xargs',
    command: (seconds) => ['sh', '-c', `printf "${`${seconds}\\n`.repeat(4)}" | xargs -P 4 -n 1 sleep; :`],
    ready: 4,
  },
  {
    name: 'a terminal of its own',
    command: (seconds) => ['script', '-qec', `sleep ${seconds} & sleep ${seconds}; :`, '/dev/null'],
    ready: 2,
    isPossible: () => works('script', '-qec', 'true', '/dev/null'),
  },
  {
    name: 'a program below timeout(1), which makes a group',
    command: shell('timeout 1000000 sh -c "SLEEP & SLEEP; :"; :'),
    ready: 2,
  },
];

/** Every shape that this machine can have. */
export function hardShapes(): HardShape[] {
  const all: HardShape[] = [...shapes, ...more];
  return all.filter(({ isPossible }) => isPossible?.() ?? true);
}
