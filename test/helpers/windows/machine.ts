import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { HostRecord } from '../../../src/dataDir/dataDir.ts';
import { removeFolder, temporaryFolder } from '../../../scripts/editor/temporary.ts';
import { bundledCli } from '../bundle.ts';
import { copyPrefix, endWine, provideWindows, wineEnvironment, type WindowsPrograms } from './programs.ts';

interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A Windows of one's own: Wine with the real Node for Windows, and a store on it. */
export class WindowsMachine {
  /** For stores and files of tests; removed at the end. */
  readonly folder: string;
  readonly #programs: WindowsPrograms;
  readonly #prefix: string;
  /** `bgjobs` as it ships. */
  readonly #cli: string;
  #calls = 0;

  /** Undefined, with a line that says why, where there can be none. */
  static async start(): Promise<WindowsMachine | undefined> {
    const programs = await provideWindows();
    return programs && new WindowsMachine(programs, await bundledCli());
  }

  private constructor(programs: WindowsPrograms, cli: string) {
    this.#programs = programs;
    this.#cli = cli;
    this.folder = temporaryFolder('bgj-win');
    this.#prefix = join(this.folder, 'wine');
    copyPrefix(programs.prefix, this.#prefix);
    mkdirSync(this.home);
    const native = join(dirname(cli), 'native', basename(programs.koffi));
    cpSync(programs.koffi, native, { recursive: true });
  }

  /** The store of `bgjobs`. */
  get home(): string {
    return join(this.folder, 'home');
  }

  /** Node for Windows, as this machine calls it. */
  get nodePath(): string {
    return this.#programs.node;
  }

  /** Ends the job host at once (TerminateProcess). */
  async endHost(): Promise<void> {
    const { pid } = JSON.parse(readFileSync(join(this.home, 'host.json'), 'utf8')) as HostRecord;
    const { code, stdout } = await this.run('taskkill', '/F', '/PID', String(pid));
    assert.equal(code, 0, stdout);
  }

  bgjobs(...args: string[]): Promise<Answer> {
    return this.node(this.#cli, ...args);
  }

  /** Runs with `--json` a verb that must succeed. @returns its document */
  async json<T>(verb: string, ...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.bgjobs(verb, '--json', ...args);
    assert.equal(code, 0, `bgjobs ${verb} ${args.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Runs a script with Node for Windows. */
  node(script: string, ...args: string[]): Promise<Answer> {
    return this.run(this.nodePath, windowsPath(script), ...args);
  }

  /** Runs a program of Windows. Files stand for its standard input and output: pipes of Unix fail there. */
  async run(program: string, ...args: string[]): Promise<Answer> {
    const call = join(this.folder, `call${++this.#calls}`);
    const [out, err] = [`${call}.out`, `${call}.err`];
    const stdio = [openSync(devNull, 'r'), openSync(out, 'w'), openSync(err, 'w')];
    const child = spawn('wine', [program, ...args], { ...this.#options(), stdio });
    const [code] = (await once(child, 'close')) as [number | null];
    for (const descriptor of stdio) closeSync(descriptor);
    return { code, stdout: readFileSync(out, 'utf8'), stderr: readFileSync(err, 'utf8') };
  }

  #options() {
    const env = { ...process.env, ...wineEnvironment, WINEPREFIX: this.#prefix, BGJOBS_HOME: windowsPath(this.home) };
    return { cwd: this.folder, env, timeout: 120_000 };
  }

  [Symbol.dispose](): void {
    endWine(this.#prefix);
    removeFolder(this.folder);
  }
}

/** A machine for the tests of the enclosing describe block, which are skipped where there can be none. */
export function useWindows(): () => WindowsMachine {
  let machine: WindowsMachine | undefined;
  before(async function () {
    // It may have to be installed.
    this.timeout(900_000);
    machine = await WindowsMachine.start();
    if (!machine) this.skip();
  });
  after(() => machine?.[Symbol.dispose]());
  return () => {
    assert.ok(machine);
    return machine;
  };
}

/** How Windows calls a file of this machine. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}
