/** A tree of processes that is hard to end, made of small programs of Windows. */
export interface WindowsShape {
  name: string;
  /** @param tag stands in the arguments of each process @param node how Windows calls Node */
  argv(tag: string, node: string): string[];
  /** How many processes it has at least, once it stands. */
  processes: number;
}

/** Waits for as many seconds as the tag says. */
const wait = (tag: string): string => `ping -n ${tag} 127.0.0.1`;

function cmd(name: string, processes: number, line: (wait: string) => string): WindowsShape {
  return { name, processes, argv: (tag) => ['cmd', '/c', line(wait(tag))] };
}

/** @param script has `tag`, `spawn(options)`, which starts a process that waits, and `again(argument, options)`, which starts itself */
function script(name: string, processes: number, body: string): WindowsShape {
  const before = `const cp = require('child_process');
    const [tag, argument] = process.argv.slice(1);
    const spawn = (options) => cp.spawn('ping', ['-n', tag, '127.0.0.1'], { stdio: 'ignore', windowsHide: true, ...options });
    const again = (argument, options) =>
      cp.spawn(process.execPath, [...process.execArgv, tag, argument], { stdio: 'ignore', windowsHide: true, ...options });
    const stay = () => setInterval(() => undefined, 60000);`;
  const source = `${before}${body}`.replaceAll(/\s+/g, ' ');
  return { name, processes, argv: (tag, node) => [node, '-e', source, tag] };
}

const ownGroup = '{ detached: true }';

export const windowsShapes: readonly WindowsShape[] = [
  { name: 'one process', processes: 1, argv: (tag) => wait(tag).split(' ') },
  cmd('a grandchild', 3, (wait) => `cmd /c ${wait}`),
  cmd('seven generations', 7, (wait) => `${'cmd /c '.repeat(5)}${wait}`),
  cmd('several children', 4, (wait) => `start /b ${wait} & start /b ${wait} & ${wait}`),
  cmd('a child of a parent that has ended', 3, (wait) => `start /b cmd /c start /b ${wait} & ${wait}`),
  cmd('a console of its own', 2, (wait) => `start ${wait} & ${wait}`),
  script('a process group of its own, detached', 2, `spawn(${ownGroup}).unref(); stay();`),
  script(
    'detached twice, the parent has ended',
    2,
    `if (argument) spawn(${ownGroup}).unref(); else { again('x', ${ownGroup}).unref(); stay(); }`,
  ),
  script(
    'it ignores Ctrl+C and Ctrl+Break',
    2,
    `for (const name of ['SIGINT', 'SIGBREAK']) process.on(name, () => undefined); spawn(); stay();`,
  ),
  script('it starts its child again', 2, `const start = () => spawn().on('exit', start); start(); stay();`),
  script(
    'two that start each other again',
    2,
    `const other = () => again('x', ${ownGroup}).on('exit', other); if (!argument) other(); stay();`,
  ),
  script('it starts a process every 200 ms', 4, `setInterval(() => spawn(${ownGroup}).unref(), 200);`),
  script('twenty children', 21, `for (let i = 0; i < 20; i++) spawn(); stay();`),
  script(
    'each starts its successor and ends',
    1,
    `again('x', ${ownGroup}).unref(); setTimeout(() => process.exit(), argument ? 300 : 600000);`,
  ),
];
