// `npm run agents` runs real coding agents against the `bgjobs mcp` of this checkout, with a scripted model and without
// any network but the npm registry, and writes docs/agents-matrix.md. `npm run agents -- claude codex` runs only those.
// `--record` only writes what they send into test/fixtures/mcpClients.
import { execa } from 'execa';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clients, type ClientName } from './agents/clients.ts';
import { install } from './agents/install.ts';
import { writeMatrix } from './agents/matrix.ts';
import { record } from './agents/recording.ts';
import { runScenarios } from './agents/scenarios.ts';
import { titles, type Cell, type ScenarioName } from './agents/scripts.ts';
import { pinnedNode, top } from './editor/places.ts';

const { values, positionals } = parseArgs({ options: { record: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !(name in clients));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. The agents are ${Object.keys(clients).join(', ')}.`);
  process.exit(2);
}
const wanted = (positionals.length === 0 ? Object.keys(clients) : positionals) as ClientName[];

await execa(pinnedNode, [join(top, 'esbuild.js')], { cwd: top, stdio: 'inherit' });
let wrong = 0;
for (const name of wanted) {
  console.log(`\n${clients[name].title} ${clients[name].version}`);
  try {
    await install(name);
    if (values.record) await record(name);
    else await run(name);
  } catch (error) {
    wrong++;
    console.error(`  ${error instanceof Error ? error.message : String(error)}`);
  }
}
console.log(wrong === 0 ? '\nNothing is wrong.' : `\n${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;

/** What was seen until an error is written as well. */
async function run(name: ClientName): Promise<void> {
  const cells: Partial<Record<ScenarioName, Cell>> = {};
  try {
    await runScenarios(name, (scenario, cell) => {
      cells[scenario] = cell;
      if (!cell.ok) wrong++;
      console.log(`  ${cell.ok ? 'ok   ' : 'WRONG'} ${titles[scenario]}: ${cell.said}`);
    });
  } finally {
    await writeMatrix(name, cells);
  }
}
