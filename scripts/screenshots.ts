// `npm run screenshots` makes a picture of every view of the extension in several themes, at 200 % and beside a narrow
// side bar, and writes them to out/screenshots/LOCALE/LOOK/VIEW.png. `-- --locale=de` makes them in German, and words name
// the looks and views that are wanted: `npm run screenshots -- dark timeline`.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { screenshots } from './editor/places.ts';
import { looks, type LookName } from './screenshots/looks.ts';
import { Scene } from './screenshots/scene.ts';
import { views, type ViewName } from './screenshots/views.ts';

const words = process.argv.slice(2);
const locale = words.find((word) => word.startsWith('--locale='))?.slice('--locale='.length) ?? 'en';
const wanted = words.filter((word) => !word.startsWith('--'));
const lookNames = Object.keys(looks) as LookName[];
const viewNames = Object.keys(views) as ViewName[];
for (const word of wanted) {
  if ([...lookNames, ...viewNames].some((name) => name === word)) continue;
  throw new Error(`There is no look or view "${word}". There are: ${[...lookNames, ...viewNames].join(', ')}.`);
}
const chosen = <Name extends string>(names: readonly Name[]): readonly Name[] => {
  const named = names.filter((name) => wanted.includes(name));
  return named.length > 0 ? named : names;
};

const folder = join(screenshots, locale);
rmSync(folder, { recursive: true, force: true });
const began = performance.now();
const seconds = (): string => `${Math.round((performance.now() - began) / 1000)} s`;
const scene = new Scene(locale);
const failed: string[] = [];
try {
  await scene.prepare();
  console.log(`The jobs are there after ${seconds()}.`);
  for (const look of chosen(lookNames)) {
    await scene.look(look);
    for (const view of chosen(viewNames)) {
      try {
        await views[view](scene);
      } catch (error) {
        failed.push(`${look}, ${view}: ${(error as Error).message.split('\n')[0]}`);
      }
      await scene.take(join(folder, look, `${view}.png`));
      await scene.clear();
    }
    console.log(`${look}: after ${seconds()}`);
  }
} finally {
  await scene.dispose();
}
console.log(`The pictures are in ${folder}.`);
if (failed.length > 0) {
  console.error(`These views could not be shown:\n${failed.join('\n')}`);
  process.exitCode = 1;
}
