import { type SupervisedRun } from './supervisedRun.ts';

/** What is seen of a tree, by other means than the tested code. */
export type TreeView = Pick<SupervisedRun, 'alive' | 'sleepers' | 'stdout' | 'exit'>;

/** A shape of a process tree that simple ways of killing are known to miss. */
export interface Shape {
  name: string;
  /** @param seconds to sleep; the processes are found by this number */
  command: (seconds: string) => string[];
  /** The number of sleeping processes when the tree is complete, or another sign of that. */
  ready: number | ((run: TreeView) => boolean);
  /** The exit code to be recorded for SIGTERM. 137 is SIGKILL after the grace time. */
  exit: number;
  /** The root ends by itself and leaves the rest behind: no limit and no request to stop the run reaches that. */
  rootEnds?: true;
  /** Whether SIGTERM is not enough. Default: derived from `exit`. */
  escalates?: boolean;
}

export const shell =
  (script: string) =>
  (seconds: string): string[] => ['sh', '-c', script.replaceAll('SLEEP', `sleep ${seconds}`)];

const node =
  (script: string) =>
  (seconds: string): string[] => [
    process.execPath,
    '-e',
    `const start = (options) => require('child_process').spawn('sleep', ['${seconds}'], options); ${script}`,
  ];

/**
 * A chain in which each process starts the next and exits after five milliseconds. It ends by itself after 2000
 * processes.
 * @param hop Perl code that each new process runs first
 */
export const storm =
  (hop: string) =>
  (seconds: string): string[] => [
    'perl',
    '-MPOSIX',
    '-e',
    `sub chain {
       for (1..2000) {
         fork and POSIX::_exit(0);
         ${hop}
         syswrite STDOUT, "raging" if $_ == 5;
         select undef, undef, undef, 0.005;
       }
       POSIX::_exit(0);
     }
     fork or chain;
     sleep ${seconds}`,
  ];
export const isRaging = (run: TreeView): boolean => run.stdout === 'raging';

export const shapes: Shape[] = [
  { name: 'one process', command: (seconds) => ['sleep', seconds], ready: 1, exit: 143 },
  { name: 'a shell pipeline', command: shell('SLEEP | cat | cat; :'), ready: 1, exit: 143 },
  { name: 'nohup in the background', command: shell('nohup SLEEP >/dev/null 2>&1 & SLEEP; :'), ready: 2, exit: 143 },
  { name: 'six deep', command: shell('f() { [ $1 = 0 ] && SLEEP || (f $(($1 - 1)); :); }; f 6'), ready: 1, exit: 143 },
  {
    name: 'fifty wide',
    command: shell('i=0; while [ $i -lt 50 ]; do SLEEP & i=$(($i + 1)); done; wait'),
    ready: 50,
    exit: 143,
  },
  { name: 'ignores TERM', command: shell('trap "" TERM; SLEEP & wait'), ready: 1, exit: 137 },
  {
    name: 'the leader exits on TERM while a child ignores it',
    command: shell('(trap "" TERM; SLEEP; :) & wait'),
    ready: 1,
    exit: 143,
    escalates: true,
  },
  { name: 'an orphan in the same group', command: shell('(SLEEP &); SLEEP; :'), ready: 2, exit: 143 },
  {
    name: 'a child with its own group',
    command: (seconds) => ['bash', '-mc', `sleep ${seconds} & wait`],
    ready: 1,
    exit: 143,
  },
  { name: 'a child with its own session', command: shell('setsid SLEEP & SLEEP; :'), ready: 2, exit: 143 },
  {
    name: 'a detached Node child',
    command: node("start({ detached: true, stdio: 'ignore' }).unref(); setInterval(() => {}, 1e6);"),
    ready: 1,
    exit: 143,
  },
  { name: 'a double fork', command: shell('setsid sh -c "SLEEP & :" & SLEEP; :'), ready: 2, exit: 143 },
  {
    name: 'a daemon whose root has exited',
    command: shell('setsid sh -c "SLEEP >/dev/null 2>&1 &"'),
    ready: (run) => run.exit === 0 && run.sleepers().length === 1 && run.alive().length === 1,
    exit: 0,
    rootEnds: true,
  },
  {
    name: 'a stopped tree',
    command: shell('SLEEP & kill -STOP $! $$; wait'),
    ready: (run) => run.alive().filter(({ stat }) => stat.startsWith('T')).length === 2,
    exit: 143,
  },
  {
    name: 'a respawner',
    command: node(
      "process.on('SIGTERM', () => {}); const go = () => start({ detached: true, stdio: 'ignore' }).on('exit', go); go();",
    ),
    ready: 1,
    exit: 137,
  },
  { name: 'a fork storm', command: storm(''), ready: isRaging, exit: 143 },
  {
    name: 'a fork storm that ignores TERM',
    command: storm('$SIG{TERM} = "IGNORE";'),
    ready: isRaging,
    exit: 143,
    escalates: true,
  },
  { name: 'a fork storm of sessions', command: storm('POSIX::setsid();'), ready: isRaging, exit: 143 },
  {
    name: 'a fork storm of sessions that ignores TERM',
    command: storm('$SIG{TERM} = "IGNORE"; POSIX::setsid();'),
    ready: isRaging,
    exit: 143,
    escalates: true,
  },
  {
    name: 'an environment cleared by the child',
    command: shell('env -i /usr/bin/setsid /bin/SLEEP & SLEEP; :'),
    ready: 2,
    exit: 143,
  },
  {
    name: 'an orphan that cleared its environment and left the session, its output still in the log',
    command: shell('env -i /usr/bin/setsid /bin/sh -c "SLEEP &"; SLEEP; :'),
    ready: 2,
    exit: 143,
  },
];
