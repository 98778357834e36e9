import type { StdinOption } from '../../api/start.ts';

/**
 * What stands between the host and the user's command, so that the exit status outlives the host: a few lines of POSIX
 * sh, the parent of the command, leader of the run's session and process group. About 1 ms and 0.5 MB.
 *
 * Its standard error is the exit record: there the shell itself announces a child that died of a signal ("Killed"), and
 * so `exit 137` and SIGKILL can be told apart. The command gets descriptor 3 as its standard error.
 * `trap :` and not `trap ''`: the supervisor survives what is sent to its group, the command gets the defaults back.
 * `(exec …)`: a program of that name, never a builtin of the shell, with its arguments as they are.
 */
const plain = `trap : HUP INT QUIT TERM USR1 USR2
(exec "$@" 2>&3 3>&-)
c=$?
echo "code $c" >&2
exit $c`;

/**
 * With live input the standard input is a named pipe, the first argument. A holder keeps it open for writing whoever
 * else comes and goes; ending the holder, by SIGPIPE, is the end of the input. It ignores the polite signals, and waits
 * at a pipe of its own to which nobody writes.
 * Each end waits for the other to be opened, so when the command runs, the holder can be told from it by its mark. The
 * holder does not open it for reading: writers are told when the command reads no more.
 */
const withPipe = `trap : HUP INT QUIT TERM USR1 USR2
p=$1
shift
BGJOBS_HOLDER=1 /bin/sh -c 'trap "" HUP INT QUIT TERM USR1 USR2; read x <>"$0.held" >"$0"' "$p" >/dev/null 2>&1 3>&- &
h=$!
(exec "$@" <"$p" 2>&3 3>&-)
c=$?
echo "code $c" >&2
kill -KILL $h 2>/dev/null
wait $h
exit $c`;

/**
 * dash where it is (macOS has it too): the smallest. But it drops variables whose names are no shell names ("a.b",
 * bash's exported functions), which bash hands on. As `sh` bash would announce no deaths; `-p`: it takes no functions
 * from the environment.
 * @returns the program and its options
 */
export function supervisorShell(exists: (path: string) => boolean, env: NodeJS.ProcessEnv): string[] {
  const isPlain = Object.keys(env).every((name) => /^[A-Za-z_]\w*$/.test(name));
  const bash = ['/bin/bash', '-p'];
  const known = isPlain ? [['/bin/dash'], bash] : [bash, ['/bin/dash']];
  return known.find(([path = '']) => exists(path)) ?? ['/bin/sh'];
}

export function supervisorArguments(argv: readonly string[], stdin: StdinOption['type'], fifo: string): string[] {
  return stdin === 'pipe' ? ['-c', withPipe, 'bgjobs', fifo, ...argv] : ['-c', plain, 'bgjobs', ...argv];
}
