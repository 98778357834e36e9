// `npm run bench` runs all benchmarks in bench/ and prints a table. `npm run bench -- output kill` runs only the named
// ones. `--write` also writes their pages in docs/. `--quick` measures less, in two minutes. Missed targets are printed,
// but do not fail the run. Programs that ours is compared with are installed if they can be; without them, rows are missing.
import { execa } from 'execa';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, Page, Row } from '../bench/bench.ts';
import { withFolder } from '../bench/benchHost.ts';
import { isQuick } from '../bench/effort.ts';
import { findPeers, type Peers } from '../bench/peers.ts';
import { markdown, plainTable } from '../bench/report.ts';
import { benches } from '../bench/rows.ts';
import { top } from './editor/places.ts';

const words = process.argv.slice(2);
const write = words.includes('--write');
const names = words.filter((word) => word !== '--write' && word !== '--quick');
if (write && isQuick) {
  console.error('--write needs the values of a whole run, without --quick.');
  process.exit(2);
}
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. Available: ${benches.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const pages = new Map<Page, { rows: Row[]; notes: string[] }>();
await withFolder(async (folder) => {
  const dist = join(folder, 'dist');
  // The host reads its version from next to the folder of the bundles.
  copyFileSync(join(top, 'package.json'), join(folder, 'package.json'));
  await execa(process.execPath, ['esbuild.js', '--production', `--outdir=${dist}`], { cwd: top, stdio: 'inherit' });
  let found: Promise<Peers> | undefined;
  const peers = (): Promise<Peers> => (found ??= findPeers());
  const isWanted = ({ name, isLong }: Bench): boolean =>
    names.length === 0 ? !(isQuick && isLong) : names.includes(name);
  for (const bench of benches.filter(isWanted)) {
    console.error(`${bench.name} …`);
    const { rows, notes } = pages.get(bench.page) ?? { rows: [], notes: [] };
    pages.set(bench.page, { rows, notes });
    try {
      const outcome = await bench.run({ dist, peers });
      console.error(`${plainTable(outcome.rows)}\n`);
      rows.push(...outcome.rows);
      notes.push(...(outcome.notes ?? []));
    } catch (error) {
      console.error(error);
      notes.push(`Not measured because the benchmark failed: ${bench.name}.`);
      process.exitCode = 1;
    }
  }
});
for (const [page, outcome] of pages) {
  console.log(plainTable(outcome.rows));
  for (const note of outcome.notes) console.log(note);
  if (write) writeFileSync(join(top, 'docs', page.file), markdown(page, outcome, new Date()));
}
