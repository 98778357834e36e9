// `npm run reliability` ends every shape of process tree in every way, with the product and with other programs, and
// writes the table of docs/reliability.md. It takes some minutes. Needs Linux.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './editor/places.ts';
import { writeSection } from './testing/reliabilityPage.ts';
import { runPairs } from '../test/torture/campaign.ts';
import { hardShapes, type HardShape } from '../test/torture/hardShapes.ts';
import { killWays, wayNames, type Outcome } from '../test/torture/killWays.ts';
import { peers, tryPeer } from '../test/torture/peers.ts';

const shapes = hardShapes();
const outcomes = await runPairs(shapes.flatMap((shape) => wayNames.map((way) => ({ shape, way }))));
const byPeer = new Map<string, Map<HardShape, number | null>>();
for (const [name, start] of Object.entries(peers)) {
  const found = new Map<HardShape, number | null>();
  byPeer.set(name, found);
  for (const shape of shapes) found.set(shape, await tryPeer(start, shape));
}

const wrong = outcomes.filter(({ error, survivors }) => error !== null || survivors.length > 0);
for (const outcome of wrong) console.error(outcome);
await writeSection('trees', page());
process.exitCode = wrong.length > 0 ? 1 : 0;

function page(): string {
  const peerNames = [...byPeer.keys()];
  const rows = shapes.map((shape) => [
    shape.name,
    ...wayNames.map((way) => cell(outcomes.find((one) => one.shape === shape.name && one.way === way))),
    ...peerNames.map((name) => String(byPeer.get(name)?.get(shape) ?? '–')),
  ]);
  const isClean = (shape: HardShape): boolean =>
    outcomes.every(
      ({ shape: name, survivors, error }) => name !== shape.name || (survivors.length === 0 && error === null),
    );
  const clean = shapes.filter(isClean).length;
  const kills = outcomes.filter(({ way, error }) => way === 'TERM' && error === null);
  const durations = kills.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const at = (share: number): string =>
    `${((durations[Math.floor(durations.length * share)] ?? 0) / 1000).toFixed(1)} s`;
  const kept = (name: string): number => shapes.filter((shape) => byPeer.get(name)?.get(shape) === 0).length;
  const user = process.getuid?.() === 0 ? 'root' : 'a user without privileges';
  return [
    `${outcomes.length} trees, ended as ${user}: of ${clean} of ${shapes.length} shapes nobody was left in any way. ` +
      `${outcomes.filter(({ isUntrue }) => isUntrue).length} times the answer named fewer processes than were alive. ` +
      `A kill took ${at(0.5)} (median); of twenty, one took longer than ${at(0.95)}. The grace time was 0.5 s. ` +
      `The others left nobody of ${peerNames.map((name) => `${kept(name)} shapes (${name})`).join(', ')}.`,
    table(['tree', ...wayNames.map((way) => killWays[way].title), ...peerNames.map(titleOf)], rows),
  ].join('\n\n');
}

/** The number of survivors. */
function cell(outcome: Outcome | undefined): string {
  if (!outcome || outcome.error !== null) return 'failed';
  return `${outcome.survivors.length}${outcome.isListed ? ' (listed)' : ''}`;
}

function titleOf(peer: string): string {
  const { devDependencies, dependencies } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string> | undefined
  >;
  return [peer, dependencies?.[peer] ?? devDependencies?.[peer]].filter(Boolean).join(' ');
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
