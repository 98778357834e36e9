// `npm run tools` installs real servers and progress writers, runs each as a job without any network but loopback, and
// writes docs/real-tools.md. `npm run tools -- --only vite,redis` runs only those. Needs Linux with unshare and ip.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pinnedNode } from './editor/places.ts';
import { install } from './tools/installTool.ts';
import { runInNamespace } from './tools/loopback.ts';
import { writeMissing } from './tools/page.ts';
import { servers, writers } from './tools/tools.ts';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const tools = { ...servers, ...writers };
const wanted = values.only?.split(',').map((name) => name.trim()) ?? Object.keys(tools);
const unknown = wanted.filter((name) => !(name in tools));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. The tools are ${Object.keys(tools).join(', ')}.`);
  process.exit(2);
}

const installed: string[] = [];
for (const name of wanted) {
  try {
    console.log(`${name} ${await install(tools[name]!)}`);
    installed.push(name);
  } catch (error) {
    console.log(`${name} is not installed here: ${error instanceof Error ? error.message : String(error)}`);
    await writeMissing(name);
  }
}
process.exitCode = await runInNamespace(pinnedNode, [join(import.meta.dirname, 'tools', 'trials.ts'), ...installed]);
