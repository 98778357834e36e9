import { execa } from 'execa';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import treeKill from 'tree-kill';
import { TemporaryFolder } from '../helpers/engine/temporaryFolder.ts';
import { until } from '../helpers/until.ts';
import { endTagged, newTag, sleepersOf, survivorsOf, tagged } from './census.ts';
import type { HardShape } from './hardShapes.ts';

/** Time between SIGTERM and SIGKILL, and for the system to be done with what was killed (milliseconds). */
const graceMs = 500;

interface Child {
  readonly pid: number;
  /** Null while it runs. */
  exitCode(): number | null;
  end(): Promise<unknown>;
}

/** Starts a command with its output in a file, and knows how it would be ended. */
type Start = (argv: readonly string[], cwd: string, path: string) => Child;

/** A child that leads a process group, and what to do with its pid. */
const spawned =
  (signal: (pid: number, signal: NodeJS.Signals) => unknown): Start =>
  ([program = '', ...args], cwd, path) => {
    const output = openSync(path, 'a');
    const child = spawn(program, args, { cwd, detached: true, stdio: ['ignore', output, output] });
    closeSync(output);
    const pid = child.pid!;
    const exited = once(child, 'exit');
    return {
      pid,
      exitCode: () => child.exitCode,
      async end() {
        await signal(pid, 'SIGTERM');
        await Promise.race([exited, sleep(graceMs)]);
        await signal(pid, 'SIGKILL');
      },
    };
  };

/** Other ways to end a tree, each with SIGTERM and after the grace time SIGKILL. */
export const peers: Readonly<Record<string, Start>> = {
  'process group': spawned((pid, signal) => {
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }),
  'tree-kill': spawned((pid, signal) => promisify<number, string>(treeKill)(pid, signal)),
  execa: (argv, cwd, path) => {
    // It knows no descriptor of a file, and a pipe would stay open as long as anybody is left.
    const args = ['-c', 'exec "$@" >>"$0" 2>&1', path, ...argv];
    const child = execa('sh', args, { cwd, stdio: 'ignore', reject: false, forceKillAfterDelay: graceMs });
    return {
      pid: child.pid!,
      exitCode: () => child.exitCode,
      async end() {
        child.kill();
        await child;
      },
    };
  },
};

/** @returns how many processes of the tree live after its end; null if it did not come about */
export async function tryPeer(start: Start, shape: HardShape): Promise<number | null> {
  using folder = new TemporaryFolder();
  const tag = newTag();
  const cwd = join(folder.path, 'cwd');
  mkdirSync(cwd);
  const path = join(folder.path, 'stdout.log');
  try {
    const child = start(shape.command(tag), cwd, path);
    const tree = {
      alive: () => tagged(tag),
      sleepers: () => sleepersOf(tag),
      get stdout() {
        return existsSync(path) ? readFileSync(path, 'utf8') : '';
      },
      get exit() {
        return child.exitCode() ?? undefined;
      },
    };
    const { ready } = shape;
    const isReady = () => (typeof ready === 'number' ? tree.sleepers().length === ready : ready(tree));
    await until(`the tree of ${shape.name} is complete`, () => (isReady() ? true : undefined), 20_000);
    await child.end();
    await sleep(graceMs);
    return (await survivorsOf(tag)).length;
  } catch (error) {
    console.error(error);
    return null;
  } finally {
    await endTagged(tag);
  }
}
