// `npm run histories -- --count 500 --seed 1` plays crash histories, four for each core at a time, and writes what they were made of to
// docs/reliability.md. Without --count it plays 100, which are not written down.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { writeSection } from './testing/reliabilityPage.ts';
import type { Counts } from '../test/helpers/crashHistory.ts';
import { checkHistory } from '../test/helpers/historyChecks.ts';

const { values } = parseArgs({
  options: { count: { type: 'string' }, seed: { type: 'string' }, steps: { type: 'string', default: '20' } },
});
const count = Number(values.count ?? 100);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const steps = Number(values.steps);
console.log(`${count} histories of ${steps} steps, from --seed ${seed}`);

const seeds = Array.from({ length: count }, (_, index) => seed + index).values();
const sums = new Map<keyof Counts, number>();
let played = 0;
let wrong = 0;
await Promise.all(Array.from({ length: 4 * availableParallelism() }, work));
const numbers = [...sums].map(([name, sum]) => `${name} ${sum}`).join(', ');
console.log(`${played} played, ${wrong} wrong: ${numbers}`);
if (values.count !== undefined) await writeSection('histories', page());
process.exitCode = wrong > 0 ? 1 : 0;

async function work(): Promise<void> {
  for (const each of seeds) {
    try {
      const counts = await checkHistory(each, steps);
      for (const [name, value] of Object.entries(counts) as [keyof Counts, number][]) {
        sums.set(name, (sums.get(name) ?? 0) + value);
      }
    } catch (error) {
      wrong++;
      console.error(error);
    }
    if (++played % 50 === 0) console.log(`${played} of ${count}`);
  }
}

function page(): string {
  const of = (name: keyof Counts): string => (sums.get(name) ?? 0).toLocaleString('en');
  const rows = [
    ['histories (seeds)', `${count} (${seed} to ${seed + count - 1})`],
    ['in which something was wrong', String(wrong)],
    ['job hosts killed', of('hostsKilled')],
    ['supervisors killed', of('supervisorsKilled')],
    ['clients killed', of('clientsKilled')],
    ['jobs, and their runs', `${of('jobs')}, ${of('runs')}`],
    ['runs that were lost, each with its supervisor', of('lost')],
  ];
  return ['| what | count |', '| --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}
