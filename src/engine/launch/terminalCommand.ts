import { basename } from 'node:path';
import { terminalScript } from '../../bundles.ts';
import { markingLine } from '../../processes/runMark.ts';

/** A line of JSON that the holder of a terminal reads from the run's named pipe. */
export type TerminalFrame = { text: string } | { eof: true } | { resize: readonly [columns: number, rows: number] };

/** Of a terminal about which nothing was said. */
const usualSize = { columns: 80, rows: 24 };

/** What the holder, a Node program, must not take from the environment of the command. */
const forNode = /^(NODE_|ELECTRON_|UV_|SSL_CERT_|OPENSSL_)/;
const kept = 'BGJOBS_COMMAND_VARIABLES';

interface HeldCommand {
  directory: string;
  /** The named pipe for what is typed. */
  input: string;
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  size: { columns: number; rows: number } | undefined;
  /** What runs a shell script: a shell with its options, and before them the words that set the priority. */
  shell: readonly string[];
}

/** The program that holds the terminal, and its environment. On Linux a shell marks the process, and becomes it. */
export function terminalCommand({ directory, input, argv, env, size = usualSize, shell }: HeldCommand) {
  const node = [process.execPath, '--no-warnings', terminalScript];
  const held = [...node, directory, input, String(size.columns), String(size.rows), ...argv];
  const script = process.platform === 'linux' ? `${markingLine(basename(directory))}\nexec "$@"` : 'exec "$@"';
  const [program = 'sh', ...args] = [...shell, '-c', script, 'bgjobs', ...held];
  const own = Object.entries(env).filter(([name]) => forNode.test(name));
  const rest = Object.entries(env).filter(([name]) => !forNode.test(name));
  const nodeEnv = { ...Object.fromEntries(rest), ELECTRON_RUN_AS_NODE: '1', [kept]: JSON.stringify(own) };
  return { program, args, env: nodeEnv };
}

/** The environment of the command, from that of the holder. */
export function commandVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _own, [kept]: own = '[]', ...rest } = env;
  return { ...rest, ...Object.fromEntries(JSON.parse(own) as [string, string][]) };
}
