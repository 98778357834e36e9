// `npm run bench` runs all benchmarks in bench/ and prints a table. `npm run bench -- output kill` runs only the named
// ones. `--write` also writes their pages in docs/. Missed targets are printed, but do not fail the run.
import { execa } from 'execa';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Row } from '../bench/bench.ts';
import { withFolder } from '../bench/benchHost.ts';
import { markdown, plainTable } from '../bench/report.ts';
import { benches } from '../bench/rows.ts';
import { top } from './editor/places.ts';

const words = process.argv.slice(2);
const write = words.includes('--write');
const names = words.filter((word) => word !== '--write');
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
  for (const bench of benches.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.error(`${bench.name} …`);
    const { rows, notes } = pages.get(bench.page) ?? { rows: [], notes: [] };
    pages.set(bench.page, { rows, notes });
    try {
      const outcome = await bench.run({ dist });
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
