import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The names of the bundles, which are loaded when they are needed: URLs are made only then, and what a bundle does not
 * name is left out of it. In a bundle (CommonJS, where import.meta is empty) `here` is dist/, else src/: both lie in the
 * package's top folder.
 */
const fromSource = import.meta.dirname !== undefined;
const here = import.meta.dirname ?? __dirname;

/** The main file of the job host that belongs to the running code. */
export const hostScript = /* @__PURE__ */ place('host.js', 'host/main.ts');

/** The program `bgjobs`. A path: it is started as a process. */
export const programEntry = /* @__PURE__ */ place('cli.js', 'cli/entry/main.ts');

/** The program that holds the terminal of a job. A path: it is started as a process. */
export const terminalScript = /* @__PURE__ */ place('ptyHolder.js', 'engine/launch/ptyHolder.ts');

/** The program `bgjobs` with all its verbs. A path: it is loaded at once, which `import` takes longer for. */
export const programBundle = /* @__PURE__ */ place('program.js', 'cli/app/main.ts');

/** The MCP server. */
export const mcpBundle = () => pathToFileURL(place('mcp.js', 'agents/mcp/main.ts')).href;

/** The HTTP server of `bgjobs serve`, with the schemas of the API. */
export const serveBundle = () => pathToFileURL(place('serve.js', 'http/main.ts')).href;

/** The policy for commands of agents, with a large parser of shell command lines. */
export const policyBundle = () => pathToFileURL(place('policy.js', 'agents/policy/judge.ts')).href;

/** The commands of the editor. A path: it needs the editor's `require`. */
export const commandsBundle = /* @__PURE__ */ place('commands.js', 'extension/commands/main.ts');

/** What starts jobs and tasks: its lists, its questions and their commands. A path: it needs the editor's `require`. */
export const startBundle = /* @__PURE__ */ place('start.js', 'extension/starting/main.ts');

/** The marks of scripts in their files. A path: it needs the editor's `require`. */
export const lensesBundle = /* @__PURE__ */ place('lenses.js', 'extension/start/lenses.ts');

/** The notifications of the editor. A path: it is loaded at once, and needs the editor's `require`. */
export const noticesBundle = /* @__PURE__ */ place('notices.js', 'extension/notify/notices.ts');

/** The terminals of jobs in the editor. A path: it needs the editor's `require`. */
export const terminalsBundle = /* @__PURE__ */ place('terminals.js', 'extension/terminal/attachedTerminals.ts');

/** The pages of jobs in the editor. A path: it needs the editor's `require`. */
export const pagesBundle = /* @__PURE__ */ place('pages.js', 'extension/page/main.ts');

/** The tools that agents call in the editor; validating their input takes a library. */
export const toolsBundle = () => pathToFileURL(place('tools.js', 'agents/tools/main.ts')).href;

/** The readers of what coding agents print. A path: it is loaded at once. */
export const agentEventsBundle = /* @__PURE__ */ place('agentEvents.js', 'agents/coding/eventReader.ts');

/** What turns the output of a job into lines: those of a channel, and those that tell of a failure. A path: it is loaded at once. */
export const linesBundle = /* @__PURE__ */ place('lines.js', 'text/lines.ts');

/** What tells hooks what happens to jobs, with a library that sends e-mail. */
export const deliveriesBundle = () => pathToFileURL(place('deliveries.js', 'deliveries/main.ts')).href;

/** What sends telemetry, with the libraries of OpenTelemetry. */
export const telemetryBundle = () => pathToFileURL(place('telemetry.js', 'deliveries/telemetry.ts')).href;

/** The parser of cron patterns. */
export const cronBundle = () => pathToFileURL(place('cron.js', 'engine/queue/cron.ts')).href;

/** The problem matchers of tasks. A path: it is loaded at once. */
export const matchersBundle = /* @__PURE__ */ place('matchers.js', 'extension/matching/main.ts');

/** What changes the configuration files of coding agents. */
export const setupBundle = () => pathToFileURL(place('setup.js', 'agents/setup/configFile.ts')).href;

/** What reads files with several jobs, with a parser of YAML, and starts and stops those jobs. */
export const composeBundle = () => pathToFileURL(place('compose.js', 'compose/main.ts')).href;

/** The doctor, which checks a store and its processes. */
export const doctorBundle = () => pathToFileURL(place('doctor.js', 'doctor/main.ts')).href;

/** The library that calls functions of the system's own, on systems for which there is one. A path: it is loaded at once. */
export function callLibrary(): string {
  const koffi = `koffi-${process.platform}-${process.arch}`;
  return place(`native/${koffi}/index.js`, `../node_modules/@koromix/${koffi}/index.js`);
}

/** The native module that opens terminals, on systems for which there is one. */
export function terminalLibrary(): string {
  const nodePty = `node-pty-${process.platform}-${process.arch}`;
  return place(`native/${nodePty}/pty.node`, `../node_modules/@lydell/${nodePty}/pty.node`);
}

/** Of a bundle. Reading the long manifest would take a millisecond of each start. */
declare const bundledVersion: string | undefined;

export function packageVersion(): string {
  if (typeof bundledVersion === 'string') return bundledVersion;
  return (JSON.parse(readFileSync(join(here, '..', 'package.json'), 'utf8')) as { version: string }).version;
}

function place(bundle: string, source: string): string {
  return join(here, fromSource ? source : bundle);
}
