import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { endGroup } from '../../processes/endGroup.ts';
import { singleQuoted } from '../../text/quoting.ts';

/**
 * What a client passes on that keeps the user's environment back: Codex and Vibe (their lists, and that of the MCP SDKs),
 * with the certificates of a proxy, and with what `bgjobs setup` asks for.
 */
const basic = new RegExp(
  `^(${[
    'HOME|LOGNAME|USER|PATH|SHELL|PWD|SHLVL|_|TERM|TMPDIR|TZ|LANG|LC_[A-Z]+|__CF_USER_TEXT_ENCODING',
    '(CODEX_CA|SSL|NODE_EXTRA_CA|REQUESTS_CA|CURL_CA)_[A-Z_]+',
    'BGJOBS_[A-Z_]+|SSH_AUTH_SOCK|DISPLAY|WAYLAND_DISPLAY|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS|VIRTUAL_ENV|CONDA_PREFIX',
  ].join('|')})$`,
);

/** Whether this is too little to be the environment of a user. On Windows every process gets the whole. */
export function isWithheld(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  return platform !== 'win32' && Object.keys(env).every((name) => basic.test(name));
}

/** Shells that read the files of an interactive shell may ask a question or start slow programs. Milliseconds. */
const timeoutMs = 10_000;
/** Variables of that shell itself. */
const itsOwn = new Set(['_', 'PWD', 'OLDPWD', 'SHLVL', 'BGJOBS_RESOLVING_ENVIRONMENT', 'ELECTRON_RUN_AS_NODE']);

/**
 * The environment that the user's login shell sets up, found as VS Code finds it (src/vs/platform/shell/node/shellEnv.ts):
 * by an interactive login shell that runs this Node, which prints its environment between two marks.
 * @throws Error when the shell fails or takes longer than {@link timeoutMs}
 */
export async function loginShellEnvironment(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const shell = env['SHELL'] || userInfo().shell || '/bin/sh';
  const mark = randomBytes(16).toString('hex');
  const print = `${singleQuoted(process.execPath)} -p '"${mark}" + JSON.stringify(process.env) + "${mark}"'`;
  const options = /^t?csh$/.test(basename(shell)) ? ['-ic'] : ['-i', '-l', '-c'];
  const child = spawn(shell, [...options, print], {
    // Of its own session: an interactive shell would stop the client's terminal.
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...env, ELECTRON_RUN_AS_NODE: '1', BGJOBS_RESOLVING_ENVIRONMENT: '1' },
  });
  let printed = '';
  const { promise: ended, resolve: end, reject } = Promise.withResolvers<unknown>();
  const timer = setTimeout(end, timeoutMs);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    // What the user's files have left running in the background may keep the pipe open.
    if (printed.split(mark).length > 2) end(undefined);
  });
  child.once('close', end).once('error', reject);
  try {
    await ended;
  } finally {
    clearTimeout(timer);
    child.stdout.destroy();
    // What its files have started may hold locks (that of pyenv lets every later shell wait for a minute), so it is asked
    // first. Interactive shells ignore SIGTERM.
    void endGroup(child.pid, ['SIGHUP', 'SIGTERM', 'SIGKILL']);
  }
  const [, found] = printed.split(mark);
  if (found === undefined)
    throw new Error(`${shell} did not print its environment: jobs get that of the client alone.`);
  const all = Object.entries(JSON.parse(found) as Record<string, string>);
  return Object.fromEntries(all.filter(([name]) => !itsOwn.has(name)));
}
