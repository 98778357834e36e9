import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The names of the bundles, which are loaded when they are needed. In a bundle (CommonJS, where import.meta is empty)
 * `here` is dist/, else src/: both lie in the package's top folder.
 */
const fromSource = import.meta.dirname !== undefined;
const here = import.meta.dirname ?? __dirname;

/** The main file of the job host that belongs to the running code. */
export const hostScript = place('host.js', 'host/main.ts');

/** The program `bgjobs` with all its verbs. A path: it is loaded at once, which `import` takes longer for. */
export const programBundle = place('program.js', 'cli/app/main.ts');

/** The MCP server. */
export const mcpBundle = pathToFileURL(place('mcp.js', 'agents/mcp/main.ts')).href;

/** The HTTP server of `bgjobs serve`, with the schemas of the API. */
export const serveBundle = pathToFileURL(place('serve.js', 'http/main.ts')).href;

/** The policy for commands of agents, with a large parser of shell command lines. */
export const policyBundle = pathToFileURL(place('policy.js', 'agents/policy/judge.ts')).href;

/** The commands and tasks of the editor. A path: it needs the editor's `require`. */
export const commandsBundle = place('commands.js', 'extension/commands/main.ts');

/** The tools that agents call in the editor; validating their input takes a library. */
export const toolsBundle = pathToFileURL(place('tools.js', 'agents/tools/main.ts')).href;

/** The readers of what coding agents print. A path: it is loaded at once. */
export const agentEventsBundle = place('agentEvents.js', 'agents/coding/eventReader.ts');

/** What turns the output of a job into the lines of a channel. A path: it is loaded at once. */
export const linesBundle = place('lines.js', 'text/lineTaker.ts');

/** The parser of cron patterns. */
export const cronBundle = pathToFileURL(place('cron.js', 'engine/queue/cron.ts')).href;

/** The problem matchers of tasks. A path: it is loaded at once. */
export const matchersBundle = place('matchers.js', 'extension/matching/main.ts');

/** What changes the configuration files of coding agents. */
export const setupBundle = pathToFileURL(place('setup.js', 'agents/setup/configFile.ts')).href;

/** The doctor, which checks a store and its processes. */
export const doctorBundle = pathToFileURL(place('doctor.js', 'doctor/main.ts')).href;

/** The library that calls functions of the system's own, on systems for which there is one. A path: it is loaded at once. */
const koffi = `koffi-${process.platform}-${process.arch}`;
export const spawnLibrary = place(`native/${koffi}/index.js`, `../node_modules/@koromix/${koffi}/index.js`);

/** Of a bundle. Reading the long manifest would take a millisecond of each start. */
declare const bundledVersion: string | undefined;

export function packageVersion(): string {
  if (typeof bundledVersion === 'string') return bundledVersion;
  return (JSON.parse(readFileSync(join(here, '..', 'package.json'), 'utf8')) as { version: string }).version;
}

function place(bundle: string, source: string): string {
  return join(here, fromSource ? source : bundle);
}
