import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * In a bundle (CommonJS, where import.meta is empty) this is dist/, else the folder of this source file.
 * Both lie in the package, one and two levels down.
 */
const fromSource = import.meta.dirname !== undefined;
const here = import.meta.dirname ?? __dirname;

/** The main file of the job host that belongs to the running code. */
export const hostScript = fromSource ? join(here, '..', 'host', 'main.ts') : join(here, 'host.js');

/** What speaks MCP, to be loaded when somebody does. */
export const mcpBundle = pathToFileURL(fromSource ? join(here, '..', 'mcp', 'main.ts') : join(here, 'mcp.js')).href;

/** What judges commands, to be loaded when an agent wants to start one: a parser of shell lines is large. */
export const policyBundle = pathToFileURL(
  fromSource ? join(here, '..', 'policy', 'judge.ts') : join(here, 'policy.js'),
).href;

/** What the commands and tasks of the editor do, to be loaded with the first of them. A path: it needs the editor's `require`. */
export const commandsBundle = join(here, 'commands.js');

/** What agents can do in the editor, to be loaded when one does it: checking what they say takes a library. */
export const toolsBundle = pathToFileURL(
  fromSource ? join(here, '..', 'tools', 'main.ts') : join(here, 'tools.js'),
).href;

/** What reads cron patterns, to be loaded when somebody types one. */
export const cronBundle = pathToFileURL(
  fromSource ? join(here, '..', 'engine', 'scheduler', 'cron.ts') : join(here, 'cron.js'),
).href;

/** What examines a store and its processes, to be loaded when somebody asks: it has the engine's eyes and hands in it. */
export const doctorBundle = pathToFileURL(
  fromSource ? join(here, '..', 'doctor', 'main.ts') : join(here, 'doctor.js'),
).href;

export function packageVersion(): string {
  const manifest = join(here, ...(fromSource ? ['..', '..'] : ['..']), 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
