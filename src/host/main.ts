import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { supervise, superviseCommand } from '../engine/launch/nodeSupervisor.ts';
import { allocatorVariable, failurePrefix, homeFiles } from '../dataDir/dataDir.ts';
import { programEntry, hostScript, packageVersion } from '../bundles.ts';
import { refreshAutostart } from '../dataDir/autostart.ts';
import { loadedLibrary } from '../disk/systemLibrary.ts';
import { BgJobsError } from '../api/errors.ts';
import { readHostEnvironment } from './hostEnvironment.ts';
import { openLog, type Log } from '../dataDir/hostLog.ts';
import { RestingMemory, startJobHost, type JobHost } from './startJobHost.ts';

/**
 * The job host inside a process that does other things, too. It stays until it is closed.
 * @returns undefined when another host serves the home that `env` names
 * @throws BgJobsError as {@link startJobHost}
 */
export async function startHostHere(env: NodeJS.ProcessEnv): Promise<JobHost | undefined> {
  const { home, settings, logLevel } = readHostEnvironment(env);
  const log = openLog(homeFiles(home).log, logLevel);
  return startJobHost({ home, version: packageVersion(), settings, idleExitMs: 0, log });
}

/** The job host as a process of its own. Ends with exit code 0 when another one serves the home already. */
async function main(): Promise<void> {
  const { home, settings, logLevel, idleExitMs } = readHostEnvironment(process.env);
  // The first made Electron run this file as Node, the second is for this process only; jobs must not inherit them.
  delete process.env['ELECTRON_RUN_AS_NODE'];
  delete process.env[allocatorVariable];
  const log = openLog(homeFiles(home).log, logLevel);
  const onChanged = restingMemory()?.changed;
  const starting = startJobHost({ home, version: packageVersion(), settings, idleExitMs, log, onChanged });
  // Before clients can find the host, because they may send a signal at once.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      starting.then(
        (started) => started?.close(signal),
        () => undefined,
      );
    });
  }
  const host = await starting;
  if (!host) return;
  keepAutostart(home, log);

  process.on('uncaughtException', (error) => {
    log.error('ends because of a bug', error);
    process.exit(1);
  });
  process.on('exit', () => host.abandon());
  await host.closed;
  process.exit();
}

/** An update has another path. */
function keepAutostart(home: string, log: Log): void {
  const isElectron = process.versions['electron'] !== undefined;
  try {
    refreshAutostart(home, { execPath: process.execPath, isElectron, script: programEntry });
  } catch (error) {
    log.error('the script that starts the host at login cannot be written', error);
  }
}

/** Undefined where Node was started without --expose-gc. */
function restingMemory(): RestingMemory | undefined {
  const { gc } = globalThis;
  if (!gc) return undefined;
  const collect = (): void => {
    gc({ type: 'major', flavor: 'last-resort' });
    returnFreePages();
  };
  return new RestingMemory({ collect, resident: () => process.memoryUsage.rss() });
}

/** By itself glibc returns only what is free at the end of its heap, so megabytes of a start or a busy time can stay. */
function returnFreePages(): void {
  try {
    loadedLibrary()?.func('int malloc_trim(size_t pad)')(0);
  } catch {
    // Other C libraries have no such function.
  }
}

/** The extension loads this bundle too, for a host inside the editor, and must not run main(). */
function isStarted(): boolean {
  try {
    return realpathSync(process.argv[1] ?? '') === realpathSync(hostScript);
  } catch {
    return false; // The first argument of this process is not a file.
  }
}

if (isStarted()) {
  // The second purpose of this file: it supervises a run where no shell can.
  const [command, ...args] = process.argv.slice(2);
  if (command === superviseCommand) supervise(args, join(args[0] ?? '', 'stdin'));
  else main().catch(fail);
}

function fail(error: unknown): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${failurePrefix}${message}\n`);
  if (!(error instanceof BgJobsError)) process.stderr.write(`${stack}\n`);
  process.exit(1);
}
