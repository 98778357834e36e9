// `npm run walks` measures the source, prints the figures, and writes the four walks into docs/architecture.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { top } from './editor/places.ts';
import { longestChain, readSource, roomOf } from './house/imports.ts';
import { measureWalks, type Walk } from './house/walks.ts';

const begin = '<!-- walks: written by `npm run walks` -->';
const end = '<!-- end of the walks -->';

const source = await readSource();
const walks = await measureWalks();
const lines = [...source.lines.values()].reduce((sum, one) => sum + one, 0);
const chain = longestChain(source);
console.log(`src: ${source.files.length} files, ${lines} lines, ${source.circles.length} circles`);
console.log(`longest chain of imports: ${chain.length} files\n  ${chain.join('\n  ')}`);
for (const { name, files } of walks)
  console.log(`${name}: ${Object.keys(files).length} files, ${functions(files)} functions`);

const path = join(top, 'docs', 'architecture.md');
const page = readFileSync(path, 'utf8');
const [before, after] = [page.indexOf(begin), page.indexOf(end)];
if (before === -1 || after === -1) throw new Error(`${path} has no markers for the walks.`);
writeFileSync(path, `${page.slice(0, before)}${begin}\n\n${walks.map(described).join('\n')}\n${page.slice(after)}`);

/** The files of a walk, grouped by room. */
function described({ name, way, files }: Walk): string {
  const rooms = Map.groupBy(Object.keys(files), roomOf);
  const rows = [...rooms].map(([room, paths]) => {
    const names = paths.map((file) => basename(file, '.ts'));
    return `- \`${room}\`: ${names.join(', ')}`;
  });
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  return `**${title}**, ${way}: ${Object.keys(files).length} files, ${functions(files)} functions.\n\n${rows.join('\n')}\n`;
}

function functions(files: Record<string, number>): number {
  return Object.values(files).reduce((sum, one) => sum + one, 0);
}
